import type { Manifest } from './manifests.fixture.ts'

interface Schema {
  readonly validate: {
    (value: unknown): boolean
    readonly errors?: readonly { readonly instancePath: string; readonly params: object }[] | null
  }
}

/**
 * Holds a manifest against the schema of its kind, and names fields that the schema doesn't know: the API server drops
 * those silently.
 * The compiled schemas of `kubernetes-models` let unknown fields pass, but read each field that they know; what nobody
 * has read is unknown.
 * @returns a sentence for each mistake
 */
export const checkManifest = async (manifest: Manifest): Promise<readonly string[]> => {
  const { path, ...document } = manifest
  const where = `${path}: ${manifest.kind} ${manifest.metadata.name}`
  const schema = await schemas[`${manifest.apiVersion} ${manifest.kind}`]?.()
  if (schema === undefined)
    return [`${where}: no schema is listed for ${manifest.apiVersion} ${manifest.kind}`]
  const unread = new Set<string>()
  const valid = schema.validate(watched(document, '', unread))
  return valid
    ? [...unread].map((field) => `${where}: ${field} is a field that nobody knows`)
    : (schema.validate.errors ?? []).map(
        ({ instancePath, params }) => `${where}: ${instancePath} ${JSON.stringify(params)}`,
      )
}

/** The kinds that we use, a file each: the package's other entrances load all of a group. */
const schemas: Readonly<Record<string, () => Promise<Schema>>> = {
  'v1 ConfigMap': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap'),
  'v1 Namespace': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1Namespace'),
  'v1 Service': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1Service'),
  'v1 ServiceAccount': () => import('kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount'),
  'apps/v1 Deployment': () => import('kubernetes-models/_schemas/IoK8sApiAppsV1Deployment'),
  'autoscaling/v2 HorizontalPodAutoscaler': () =>
    import('kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler'),
  'batch/v1 Job': () => import('kubernetes-models/_schemas/IoK8sApiBatchV1Job'),
  'networking.k8s.io/v1 NetworkPolicy': () =>
    import('kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy'),
  'policy/v1 PodDisruptionBudget': () =>
    import('kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget'),
}

/** The same value, whose fields are taken from `unread` as they are read. */
const watched = <Value extends object>(value: Value, at: string, unread: Set<string>): Value => {
  if (!Array.isArray(value)) for (const name of Object.keys(value)) unread.add(`${at}.${name}`)
  const inner = new Map<PropertyKey, unknown>()
  return new Proxy(value, {
    get: (target, name) => {
      unread.delete(`${at}.${String(name)}`)
      const found: unknown = Reflect.get(target, name)
      if (typeof found !== 'object' || found === null) return found
      if (!inner.has(name)) inner.set(name, watched(found, `${at}.${String(name)}`, unread))
      return inner.get(name)
    },
  })
}
