import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parseAllDocuments } from 'yaml'

/** What a YAML file of Kubernetes holds, one document each. */
export interface Manifest {
  /** From the root of the checkout. */
  readonly path: string
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly [field: string]: unknown
}

/** A kustomization with everything that it brings together. */
export interface Composition {
  readonly manifests: readonly Manifest[]
  readonly problems: readonly string[]
}

interface Kustomization {
  readonly resources?: readonly string[]
  readonly patches?: readonly { readonly path: string }[]
  readonly images?: readonly {
    readonly name: string
    readonly newName?: string
    readonly newTag?: string
  }[]
}

/** The documents of a YAML file. @throws when it isn't YAML */
export const documentsOf = (root: string, path: string): readonly Record<string, unknown>[] =>
  parseAllDocuments(readFileSync(join(root, path), 'utf8')).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors.join('; ')}`)
    return document.toJS()
  })

/**
 * Brings a kustomization's resources together as `kubectl kustomize` would, as far as its references go: each is there,
 * each file of its folder is used, each patch and image changes something.
 * @param folder with a kustomization.yaml, from the root of the checkout
 */
export const compose = (root: string, folder: string): Composition => {
  const file = join(folder, 'kustomization.yaml')
  const [kustomization] = documentsOf(root, file) as readonly Kustomization[]
  const { resources = [], patches = [], images = [] } = kustomization ?? {}
  const problems: string[] = []
  const manifests: Manifest[] = []
  for (const resource of resources) {
    const path = normalize(join(folder, resource))
    if (!existsSync(join(root, path))) problems.push(`${file}: ${resource} is not there`)
    else if (statSync(join(root, path)).isDirectory()) {
      const below = compose(root, path)
      manifests.push(...below.manifests)
      problems.push(...below.problems)
    } else manifests.push(...manifestsOf(root, path))
  }
  for (const { path } of patches) {
    if (!existsSync(join(root, folder, path))) {
      problems.push(`${file}: ${path} is not there`)
      continue
    }
    for (const patch of manifestsOf(root, join(folder, path)))
      if (!manifests.some((each) => keyOf(each) === keyOf(patch)))
        problems.push(`${file}: ${path} changes ${keyOf(patch)}, which there is not`)
  }
  for (const { name } of images)
    if (!manifests.some((each) => imagesOf(each).includes(name)))
      problems.push(`${file}: the image ${name} is used by nobody`)
  const used = new Set(['kustomization.yaml', ...resources, ...patches.map(({ path }) => path)])
  for (const name of readdirSync(join(root, folder)))
    if (!used.has(name)) problems.push(`${file}: ${name} lies beside it and is not used`)
  const names = manifests.map(keyOf)
  for (const name of names.filter((each, index) => names.indexOf(each) !== index))
    problems.push(`${file}: ${name} is there twice`)
  return { manifests, problems }
}

const manifestsOf = (root: string, path: string): readonly Manifest[] =>
  documentsOf(root, path).map((document) => ({ ...document, path }) as Manifest)

const keyOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion} ${kind} ${metadata.name}`

/** Every value of a field of this name, however deep. */
export const valuesOf = (field: string, value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap((each) => valuesOf(field, each))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => [
    ...(name === field ? [each] : []),
    ...valuesOf(field, each),
  ])
}

export const imagesOf = (manifest: unknown): readonly unknown[] => valuesOf('image', manifest)

/** The kustomizations below a folder. */
export const kustomizations = (root: string, below: string): readonly string[] =>
  readdirSync(join(root, below), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('kustomization.yaml'))
    .map((path) => dirname(join(below, path)))
    .sort()
