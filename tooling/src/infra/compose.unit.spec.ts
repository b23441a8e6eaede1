import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { commandProblems, variableProblems } from './names.fixture.ts'

const INFRA = fileURLToPath(new URL('../../../infra/', import.meta.url))
const FILE = join(INFRA, 'compose', 'compose.yaml')
const read = (path: string): string => readFileSync(join(INFRA, path), 'utf8')

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly (string | { readonly source: string })[]
  readonly networks?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  readonly read_only?: boolean
}
interface Stack {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly volumes: object
  readonly networks: object
}
const stack: Stack = parse(readFileSync(FILE, 'utf8'), { merge: true })
const services = Object.entries(stack.services)
const ours = services.filter(([, { image }]) => image.startsWith('portcullis:'))

const schemaProblems = (document: unknown): readonly string[] => {
  const schema = JSON.parse(read('schemas/compose-spec.json'))
  // Its draft is that of Ajv under another spelling, and the formats are for humans.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' })
  validate(document)
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

describe('the compose file', () => {
  it('follows the schema of the Compose Specification', () => {
    expect(schemaProblems(stack)).toEqual([])
    const wrong = { services: { api: { image: 'x:1', comand: ['x'] } } }
    expect(schemaProblems(wrong)).toEqual([expect.stringContaining('"comand"')])
  })

  it('has the whole stack, with two workers', () => {
    const names = ['api', 'eventstore', 'grafana', 'mail', 'migrate', 'postgres', 'prometheus']
    expect(Object.keys(stack.services).sort()).toEqual([...names, 'redis', 'worker'])
    expect(stack.services.worker).toMatchObject({ deploy: { replicas: 2 } })
  })

  it('refers to what there is', () => {
    for (const [name, service] of services) {
      for (const secret of service.secrets ?? [])
        expect(stack.secrets).toHaveProperty([typeof secret === 'string' ? secret : secret.source])
      for (const network of service.networks ?? []) expect(stack.networks).toHaveProperty([network])
      const others = service.depends_on ?? []
      for (const other of Array.isArray(others) ? others : Object.keys(others))
        expect(stack.services, name).toHaveProperty([other])
      for (const [source = ''] of (service.volumes ?? []).map((volume) => volume.split(':')))
        if (source.startsWith('.'))
          expect([source, existsSync(join(dirname(FILE), source))]).toEqual([source, true])
        else expect(stack.volumes).toHaveProperty([source])
      if (service.build !== undefined) {
        const context = join(dirname(FILE), service.build.context)
        expect(existsSync(join(context, service.build.dockerfile))).toBe(true)
      }
    }
  })

  it('pins each image by version, and opens ports to this machine only', () => {
    for (const [name, { image, ports }] of services) {
      expect([name, image]).toEqual([name, expect.stringMatching(/^[a-z0-9./-]+:v?\d+\.\d+/)])
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    }
  })

  it('names variables and commands that there are', () => {
    expect(ours.map(([name]) => name)).toEqual(['migrate', 'api', 'worker'])
    for (const [name, { environment, command, read_only }] of ours) {
      expect([name, variableProblems(Object.keys(environment ?? {}))]).toEqual([name, []])
      expect(commandProblems(command ?? [])).toEqual([])
      expect(read_only).toBe(true)
    }
  })

  it('has no secret in it: each is a file that init makes and git never sees', () => {
    const files = Object.values(stack.secrets).map(({ file }) => file)
    for (const file of files) expect(file).toMatch(/^secrets\/[a-z.-]+$/)
    for (const [, { environment }] of services)
      for (const [name, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN/.test(name))
          expect([name, value]).toEqual([
            expect.stringMatching(/_FILE$/),
            expect.stringMatching(/^\/run\/secrets\//),
          ])
        expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/)
      }
    const ignored = readFileSync(join(INFRA, '..', '.gitignore'), 'utf8').split('\n')
    expect(ignored).toContain('/infra/compose/secrets/')
  })
})
