import { type Operation, type OperationId, operations } from '@portcullis/api-contract'
import type { ActorName, Call, World } from './world.fixture.ts'

// Calls with guessed ids: `zq-…` are of what there is, in a catalog where none of the actors has a role; `yq-…` of what
// there is not.

export type Prefix = 'zq' | 'yq'

/** The part of the world that nobody but User administrators sees: every id and name of it begins with `zq`. */
export const plantHidden = async ({ must, fresh, grants, newPolicy }: World): Promise<void> => {
  const catalogId = 'zq-catalog'
  await must('root', 'createCatalog', {
    body: { id: catalogId, displayName: 'Zq-Catalog', description: 'Zq-Words' },
  })
  for (const resourceId of ['zq-resource', 'git'])
    await must('root', 'addResource', { params: { catalogId }, body: { resourceId } })
  const { id, terms } = newPolicy('zq-policy', ['approver2'])
  await must('root', 'createAccessPackage', {
    body: {
      id: 'zq-package',
      catalogId,
      displayName: 'Zq-Package',
      description: 'Zq-Words',
      resourceRoles: [
        { resourceId: 'zq-resource', roleId: 'member' },
        { resourceId: 'git', roleId: 'member' },
      ],
      policies: [
        {
          id,
          terms: {
            ...terms,
            displayName: 'Zq-Policy',
            requestors: { kind: 'directory', principals: [{ kind: 'user', id: 'extra' }] },
          },
        },
        {
          id: 'zq-direct',
          terms: { ...terms, displayName: 'Zq-Direct', requestors: { kind: 'none' } },
        },
      ],
    },
  })
  await must('root', 'assignDirectly', {
    params: { packageId: 'zq-package' },
    body: { subjectId: 'newcomer', policyId: 'zq-direct', justification: 'Zq-Words' },
  })
  // The same access by an assignment of a package of `other`, and it can't be given.
  const packageId = await fresh.package('other')
  await must('root', 'assignDirectly', {
    params: { packageId },
    body: { subjectId: 'newcomer', policyId: 'auto' },
  })
  for (const holder of ['zq-package.newcomer.a1', `${packageId}.newcomer.a1`])
    await grants.failing('newcomer', holder)
}

const idsOf = (prefix: Prefix): Readonly<Record<string, string>> => ({
  catalogId: `${prefix}-catalog`,
  packageId: `${prefix}-package`,
  requestId: `${prefix}-package.newcomer.r1`,
  assignmentId: `${prefix}-package.newcomer.a1`,
  policyId: `${prefix}-policy`,
  resourceId: `${prefix}-resource`,
  roleId: 'member',
  personId: 'newcomer',
  fulfilmentId: `${prefix}-resource.member.newcomer.2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11`,
  scanId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11',
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The example's words with our ids for its own. */
const withIds = (value: unknown, ids: Readonly<Record<string, string>>): unknown => {
  if (Array.isArray(value)) return value.map((item) => withIds(item, ids))
  if (!isRecord(value)) return value
  if (value.kind === 'user' || value.kind === 'group') return { kind: 'user', id: 'newcomer' }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'directoryIds' ? ['partner'] : (ids[name] ?? withIds(inner, ids)),
    ]),
  )
}

/** What an operation can be asked with: a body as in its example, or each of its filters separately. */
export interface Guess {
  readonly title: string
  readonly operation: OperationId
  readonly call: (prefix: Prefix, actor: ActorName, isPerson: boolean) => Call
}

const IN_OWN = ['createAccessPackage', 'validateAccessPackage', 'addResource']

const guessesOf = (id: OperationId): readonly Guess[] => {
  const { path, example, query: filterSchema }: Operation = operations[id]
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const basic =
    (
      query: (ids: Readonly<Record<string, string>>) => Readonly<Record<string, string>>,
      more = {},
    ) =>
    (prefix: Prefix, actor: ActorName, isPerson: boolean): Call => {
      // Services may request for anybody: here for somebody whom no policy is for.
      const subjectId = isPerson ? actor : 'stranger'
      const ids = { ...idsOf(prefix), subjectId, domain: `${prefix}.example`, ...more }
      const body = withIds(example.body, ids)
      return {
        params: Object.fromEntries(names.map((name) => [name, String(Reflect.get(ids, name))])),
        query: query(ids),
        ...(isRecord(body) ? { body: 'id' in body ? { ...body, id: `new${prefix}` } : body } : {}),
      }
    }
  const filters = Object.keys(Reflect.get(filterSchema, 'shape') ?? {}).filter(
    (name) => name in idsOf('zq') || name === 'subjectId',
  )
  return [
    { title: id, operation: id, call: basic(() => ({})) },
    ...filters.map((name) => ({
      title: `${id} by ${name}`,
      operation: id,
      call: basic((ids) => ({ [name]: ids[name] ?? '' })),
    })),
    ...(IN_OWN.includes(id)
      ? [{ title: `${id} in own`, operation: id, call: basic(() => ({}), { catalogId: 'own' }) }]
      : []),
  ]
}

export const guesses: readonly Guess[] = (Object.keys(operations) as readonly OperationId[])
  .filter((id) => operations[id].kind !== 'open')
  .flatMap(guessesOf)
