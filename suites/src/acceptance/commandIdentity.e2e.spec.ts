import { randomUUID } from 'node:crypto'
import { deriveId } from '@portcullis/core'
import { deadlineKey } from '@portcullis/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenAssignment,
  givenPackage,
  role,
  typesOf,
  untilAssignment,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

/** What the engine calls its own commands by: anybody can work these out. */
const timer = (key: Parameters<typeof deadlineKey>[0]): string =>
  deriveId('deadline', deadlineKey(key))

describe('The id of a command says nothing about anybody else’s', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const key = (commandId: string) => ({ 'idempotency-key': commandId })
  const holds = (subject: string, roleText = 'git.member') =>
    engine.steady.held().includes(`${roleText}.${subject}`)

  it('who requests with the id of their own coming end loses access at the end', async () => {
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterHours', hours: 2 } })
    const assignmentId = `${packageId}.sam.a1`
    const id = timer({ kind: 'expiry', assignmentId, endVersion: 1 })
    const sam = engine.as('sam')
    await sam.ok('submitRequest', { packageId }, key(id))
    await untilAssignment(sam, assignmentId, 'Delivered')
    expect(holds('sam')).toBe(true)
    await engine.advance({ hours: 3 })
    await untilAssignment(sam, assignmentId, 'Expired')
    expect(holds('sam')).toBe(false)
  })

  it('nor does the id of a reminder, or of a time-out, keep these from coming', async () => {
    const packageId = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 20 },
      extension: { allowed: true, approvalRequired: false },
      approval: approvedBy([user('bob')], { timeoutDays: 3 }),
    })
    const tess = engine.as('tess')
    const assignmentId = `${packageId}.tess.a1`
    const reminder = timer({ kind: 'reminder', assignmentId, endVersion: 1, offset: 'P14D' })
    const { requestId = '' } = await tess.ok('submitRequest', { packageId }, key(reminder))
    await engine.as('bob').ok('approveRequest', { requestId })
    await untilAssignment(tess, assignmentId, 'Delivered')
    const uma = engine.as('uma')
    const late = `${packageId}.uma.r1`
    const timeOut = timer({ kind: 'approval', requestId: late, stage: 1 })
    await uma.ok('submitRequest', { packageId }, key(timeOut))
    await engine.advance({ days: 7 })
    await untilRequest(uma, late, 'Cancelled')
    expect(typesOf(await tess.ok('getAssignment', { assignmentId }))).toContain(
      'ExtensionReminderDue',
    )
  })

  it('nor that of a scheduled start', async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = `${packageId}.vic.a1`
    const startAt = new Date(Date.parse(engine.clock.now()) + 3_600_000).toISOString()
    await engine
      .as('alice')
      .ok(
        'assignDirectly',
        { packageId, policyId: 'standard', subjectId: 'vic', startAt },
        key(timer({ kind: 'start', assignmentId })),
      )
    await engine.advance({ hours: 2 })
    await untilAssignment(engine.as('vic'), assignmentId, 'Delivered')
  })

  it('nor those of a roll-out: a role that is removed goes from who has it', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.member', 'wiki.reader'] })
    await givenAssignment(engine, packageId, 'will')
    expect(holds('will', 'wiki.reader')).toBe(true)
    await engine.quiet()
    const head = await engine.runtime.store.head()
    const alice = engine.as('alice')
    for (const [step, displayName] of ['One', 'Two', 'Three', 'Four'].entries())
      await alice.ok(
        'changeAccessPackage',
        { packageId, displayName },
        key(deriveId('roll-out', packageId, String(head + BigInt(5 + step)))),
      )
    await alice.ok('removeResourceRole', { packageId, ...role('wiki.reader') })
    await engine.quiet()
    expect([holds('will'), holds('will', 'wiki.reader')]).toEqual([true, false])
  })

  it('one id for two things of one person: the second is refused, says so, and is not done', async () => {
    const packageId = await givenPackage(engine)
    const xena = engine.as('xena')
    const id = randomUUID()
    await xena.ok('submitRequest', { packageId }, key(id))
    const assignmentId = `${packageId}.xena.a1`
    await untilAssignment(xena, assignmentId, 'Delivered')
    const problem = await xena.refused('removeAssignment', { assignmentId }, key(id))
    expect(problem).toMatchObject({ status: 422, code: 'command.key-reused' })
    expect(problem.detail).toMatch(/nothing was done: send this one under a new id/)
    expect(holds('xena')).toBe(true)
    await xena.ok('removeAssignment', { assignmentId }, key(randomUUID()))
    await untilAssignment(xena, assignmentId, 'Removed')
    expect(holds('xena')).toBe(false)
  })

  it('approve and then deny; add and then remove an owner', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    const { requestId = '' } = await engine.as('yann').ok('submitRequest', { packageId })
    const bob = engine.as('bob')
    const id = randomUUID()
    await bob.ok('approveRequest', { requestId }, key(id))
    expect((await bob.refused('denyRequest', { requestId }, key(id))).status).toBe(422)
    const alice = engine.as('alice')
    const catalogId = fresh('catalog')
    await alice.ok('createCatalog', { id: catalogId, displayName: 'Owned' })
    await alice.ok('addCatalogOwner', { catalogId, personId: 'olga' }, key(id))
    const again = await alice.refused(
      'removeCatalogOwner',
      { catalogId, personId: 'olga' },
      key(id),
    )
    expect([again.status, again.code]).toEqual([422, 'command.key-reused'])
    expect((await alice.ok('getCatalog', { catalogId })).ownerIds).toContain('olga')
  })

  it('another body, or another package', async () => {
    const approval = approvedBy([user('bob')])
    const [packageId, other] = [
      await givenPackage(engine, { approval }),
      await givenPackage(engine, { approval }),
    ]
    const will = engine.as('will')
    const id = randomUUID()
    const first = await will.ok('submitRequest', { packageId, justification: 'One' }, key(id))
    const body = await will.refused('submitRequest', { packageId, justification: 'Two' }, key(id))
    expect(body.code).toBe('command.key-reused')
    // Another process knows it once its view shows it.
    await engine.quiet()
    const elsewhere = await will.refused('submitRequest', { packageId: other }, key(id))
    expect([elsewhere.status, elsewhere.code]).toEqual([422, 'command.key-reused'])
    expect((await will.ok('listRequests', { packageId: other })).items).toEqual([])
    const again = await will.ok('submitRequest', { packageId, justification: 'One' }, key(id))
    expect(again).toEqual({ ...first, repeated: true })
  })

  it('the key of somebody else is a key like any other: it gets nothing of theirs', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    const id = randomUUID()
    const { requestId = '' } = await engine.as('sam').ok('submitRequest', { packageId }, key(id))
    await engine.as('bob').ok('approveRequest', { requestId }, key(id))
    const refused = await engine.as('tess').refused('approveRequest', { requestId }, key(id))
    expect([refused.status, refused.code]).not.toContain(200)
    const own = await engine.as('tess').ok('submitRequest', { packageId }, key(id))
    expect([own.requestId, own.repeated]).toEqual([`${packageId}.tess.r1`, false])
    const alice = engine.as('alice')
    const made = await alice.ok('createCatalog', { displayName: 'Hers' }, key(id))
    const service = engine.asService('hr', 'CatalogCreator')
    const theirs = await service.ok('createCatalog', { displayName: 'Hers' }, key(id))
    expect(theirs.repeated).toBe(false)
    expect(theirs.catalogId).not.toBe(made.catalogId)
  })

  it('answers name the sender’s own id, and the log another one', async () => {
    const packageId = await givenPackage(engine)
    const id = randomUUID()
    const answer = await engine.as('uma').ok('submitRequest', { packageId }, key(id))
    expect(answer.commandId).toBe(id)
    const [event] = await engine.runtime.store.readStream(`entitlement-${packageId}.uma`)
    expect(event?.metadata.commandId).not.toBe(id)
  })
})
