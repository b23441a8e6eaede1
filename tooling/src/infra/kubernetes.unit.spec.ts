import { fileURLToPath } from 'node:url'
import { SECRETS } from '@portcullis/runtime'
import { describe, expect, it } from 'vitest'
import { checkManifest } from './kubernetesSchema.fixture.ts'
import { compose, imagesOf, kustomizations, type Manifest, valuesOf } from './manifests.fixture.ts'
import { commandProblems, variableProblems } from './names.fixture.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDERS = kustomizations(ROOT, 'infra/kubernetes')
const everything = FOLDERS.flatMap((folder) => compose(ROOT, folder).manifests)
/** What a pod is made from, wherever it is. */
const pods = everything.flatMap((manifest) =>
  valuesOf('template', manifest).flatMap((template) => valuesOf('spec', template)),
) as readonly PodSpec[]

interface Container {
  readonly name: string
  readonly args?: readonly string[]
  readonly securityContext?: unknown
  readonly resources?: unknown
}
interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
}
const containers = pods.flatMap((pod) => [...pod.containers, ...(pod.initContainers ?? [])])

const deployment = (change: object): Manifest => ({
  path: 'x.yaml',
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'x' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'i', ...change }] },
    },
  },
})

describe('Kubernetes manifests', () => {
  it.each(FOLDERS)('%s brings together what is there', (folder) => {
    expect(compose(ROOT, folder).problems).toEqual([])
  })

  it('follow the schemas of their kinds, with no field that there is not', async () => {
    expect(everything.length).toBeGreaterThan(10)
    expect((await Promise.all(everything.map(checkManifest))).flat()).toEqual([])
  })

  it.each([
    [{ imagePullPolicies: 'Always' }, /imagePullPolicies is a field that nobody knows/],
    [{ securityContext: { runAsNonroot: true } }, /runAsNonroot is a field that nobody knows/],
    [{ ports: [{ containerPort: '80' }] }, /x\.yaml: Deployment x: .*\/containerPort .*integer/],
    [
      { name: undefined, image: 'without a name' },
      /x\.yaml: Deployment x: .*"missingProperty":"name"/,
    ],
  ])('%j would be a mistake', async (change, problem) => {
    expect(await checkManifest(deployment({}))).toEqual([])
    expect(await checkManifest(deployment(change))).toEqual([expect.stringMatching(problem)])
  })

  it('run every container without rights, on a file system that it can not write', () => {
    expect(containers.length).toBeGreaterThan(3)
    for (const { securityContext, resources } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(resources).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      })
    }
    for (const pod of pods)
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
  })

  it('name variables and commands that there are, and no secret', () => {
    const data = everything.filter(({ kind }) => kind === 'ConfigMap').map((map) => map.data)
    expect(data.length).toBeGreaterThan(0)
    for (const map of data) {
      expect(variableProblems(Object.keys(map as object))).toEqual([])
      for (const secret of SECRETS) expect(map).not.toHaveProperty(secret)
    }
    expect(everything.filter(({ kind }) => kind === 'Secret')).toEqual([])
    const commands = containers.flatMap(({ args }) => (args === undefined ? [] : [args]))
    expect(commands.flatMap(commandProblems)).toEqual([])
  })

  it('use one image, whose version the overlay pins', () => {
    expect([...new Set(everything.flatMap(imagesOf))]).toEqual(['portcullis'])
  })
})
