import {
  allOperations,
  exampleParams,
  type Operation,
  type OperationId,
  operations,
} from '@portcullis/api-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awaitFulfilment } from './testing/awaitFulfilment.ts'
import { openRealEngine, type RealEngine, sendAs } from './testing/realEngine.ts'

let engine: RealEngine
let send: ReturnType<typeof sendAs>
/** Position of the last command: queries wait for it. */
let position = '0'

beforeAll(async () => {
  engine = await openRealEngine()
  send = sendAs(engine)
})
afterAll(() => engine.close())

const addressOf = (operation: Operation): string => {
  const params = exampleParams(operation)
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  )
  const query = new URLSearchParams(Object.entries(operation.example.query ?? {}))
  return query.size === 0 ? path : `${path}?${query}`
}

/** Sends an operation as its example says, and keeps the position that it answers. */
const play = async (id: OperationId, as: string) => {
  const operation: Operation = operations[id]
  const { status, body } = await send(
    as,
    operation.method,
    addressOf(operation),
    operation.example.body as object | undefined,
    operation.kind === 'command' ? {} : { 'portcullis-at-least': position },
  )
  if (operation.kind === 'command' && status < 300) position = body.position
  return { operation, status, body }
}

/** What every engine answers anew. */
const VARYING = [
  'commandId',
  'position',
  'assignmentId',
  'endAt',
  'results',
  'retriedRoles',
  'scanId',
]

interface Scene {
  readonly id: OperationId
  readonly as: string
  /** What has to happen before, which no example shows. */
  readonly before?: () => Promise<unknown>
}

/** All examples in one story, in an order in which each is possible. */
const story: readonly Scene[] = [
  { id: 'health', as: 'alice' },
  { id: 'getMe', as: 'alice' },
  { id: 'createCatalog', as: 'alice' },
  { id: 'renameCatalog', as: 'alice' },
  { id: 'addCatalogOwner', as: 'alice' },
  { id: 'removeCatalogOwner', as: 'alice' },
  { id: 'addPackageManager', as: 'alice' },
  { id: 'removePackageManager', as: 'alice' },
  { id: 'addResource', as: 'alice' },
  { id: 'getCatalog', as: 'alice' },
  { id: 'listCatalogs', as: 'alice' },
  { id: 'listCatalogsForNewPackages', as: 'alice' },
  { id: 'getCatalogHistory', as: 'alice' },
  { id: 'createAccessPackage', as: 'alice' },
  { id: 'validateAccessPackage', as: 'alice' },
  { id: 'addResourceRole', as: 'alice' },
  { id: 'pauseRollOut', as: 'alice' },
  { id: 'resumeRollOut', as: 'alice' },
  { id: 'releaseRollOut', as: 'alice' },
  { id: 'addPolicy', as: 'alice' },
  { id: 'changePolicy', as: 'alice' },
  { id: 'disablePolicy', as: 'alice' },
  { id: 'enablePolicy', as: 'alice' },
  { id: 'removePolicy', as: 'alice' },
  { id: 'listPolicyVersions', as: 'alice' },
  { id: 'getAccessPackage', as: 'alice' },
  { id: 'getAccessPackageHistory', as: 'alice' },
  { id: 'listAccessPackages', as: 'alice' },
  { id: 'listRequestablePackages', as: 'alice' },
  { id: 'getRequestablePackage', as: 'alice' },
  { id: 'whyAccessPackage', as: 'alice' },
  { id: 'listResources', as: 'alice' },
  { id: 'listPeople', as: 'alice' },
  { id: 'listGroups', as: 'alice' },
  { id: 'listExternalDirectories', as: 'alice' },
  { id: 'findExternalDirectory', as: 'alice' },
  { id: 'submitRequest', as: 'alice' },
  { id: 'listRequests', as: 'alice' },
  { id: 'getRequest', as: 'alice' },
  { id: 'approveRequest', as: 'bob' },
  { id: 'getAssignment', as: 'alice' },
  { id: 'listAssignments', as: 'alice' },
  { id: 'getRollOut', as: 'alice' },
  { id: 'listOpenProblems', as: 'alice' },
  { id: 'countOpenProblems', as: 'alice' },
  { id: 'reportRemovals', as: 'alice' },
  { id: 'reprocessRequest', as: 'alice' },
  { id: 'reprocessAssignment', as: 'alice' },
  { id: 'reprocessPackage', as: 'alice' },
  { id: 'reprocessEverything', as: 'alice' },
  { id: 'downloadRequests', as: 'alice' },
  { id: 'downloadAssignments', as: 'alice' },
  { id: 'extendAssignment', as: 'alice' },
  { id: 'denyRequest', as: 'bob', before: () => ask('carol') },
  { id: 'cancelRequest', as: 'dave', before: () => ask('dave') },
  { id: 'assignDirectly', as: 'alice' },
  { id: 'assignMany', as: 'alice' },
  { id: 'removeAssignment', as: 'alice' },
  { id: 'cancelRollOut', as: 'alice' },
  { id: 'removeResourceRole', as: 'alice' },
  { id: 'removeResource', as: 'alice' },
  { id: 'changeAccessPackage', as: 'alice' },
  { id: 'deleteAccessPackage', as: 'alice', before: () => create('old-team') },
  { id: 'listFulfilments', as: 'alice' },
  { id: 'reportFulfilment', as: 'alice', before: () => byHand() },
  { id: 'startDriftScan', as: 'alice' },
  { id: 'listDriftScans', as: 'alice' },
  {
    id: 'getDriftScan',
    as: 'alice',
    before: () => startScan(),
  },
  { id: 'listDriftFindings', as: 'alice' },
  { id: 'releaseLeaverEndings', as: 'alice', before: () => somebodyLeft() },
  { id: 'listProjections', as: 'alice' },
]

const ask = (as: string) =>
  send(as, 'POST', '/v1/access-packages/web-team/requests', { justification: 'I join as well' })

const somebodyLeft = async () => {
  await engine.runtime.pool.query(
    `update portcullis_directory.people set enabled = false where id = 'erin'`,
  )
  return { status: 201 }
}

const byHand = async () => {
  await awaitFulfilment(
    engine,
    { resourceId: 'wiki', roleId: 'editor', subjectId: 'carol' },
    '3f0a1c52-7b60-4a39-9f07-54a1f6a0c001',
  )
  return { status: 201 }
}

/** Alice's, under this id: so the scan has the id of the example, which is made of both. */
const startScan = () =>
  send(
    'alice',
    'POST',
    '/v1/resources/wiki/drift-scans',
    {},
    { 'idempotency-key': '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11' },
  )

const create = (id: string) =>
  send('alice', 'POST', '/v1/access-packages', { id, displayName: 'Old team' })

describe('every example of the OpenAPI document works', () => {
  it.each(story)('$id', async ({ id, as, before }) => {
    if (before !== undefined) expect(await before()).toMatchObject({ status: 201 })
    const { operation, status, body } = await play(id, as)
    expect([status, body]).toEqual([operation.status, expect.anything()])
    expect(operation.answer.safeParse(body)).toMatchObject({ success: true })
    if (operation.kind !== 'command') return
    const promised = Object.entries(operation.example.answer as object).filter(
      ([name]) => !VARYING.includes(name),
    )
    expect(body).toMatchObject(Object.fromEntries(promised))
  })

  it('and none is left out', () => {
    const played = story.map(({ id }) => id).sort()
    expect(played).toEqual(allOperations.map(({ id }) => id).sort())
  })
})
