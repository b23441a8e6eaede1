import { randomUUID } from 'node:crypto'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApplication } from '../application.ts'
import {
  createPackage,
  execute,
  openTerms,
  refusalOf,
  send,
  submit,
  user,
} from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { ViewsLagging } from '../viewsLagging.ts'
import { createSweep } from '../work/sweep.ts'

const PAGE = { limit: 50 }
const never = new AbortController().signal
const REASON = 'the access package has been deleted'
const DAY = 86_400_000

describe('deleting an access package (S24)', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    await engine.start()
  })
  afterAll(() => engine.close())

  const deletion = (packageId: string) => ({ type: 'DeleteAccessPackage', packageId }) as const
  const remove = (packageId: string, by = 'admin') => send(engine, by, deletion(packageId))
  const assign = (packageId: string, subjectId: string, startAt: string | null = null) =>
    send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId,
      subjectId,
      policyId: 'standard',
      startAt,
      endAt: null,
      justification: null,
    })
  const refusalFor = async (packageId: string) => {
    const answer = await execute(engine, 'admin', deletion(packageId))
    if (answer.ok) throw new Error('was deleted')
    return answer.refusal
  }
  const later = (days: number) =>
    new Date(Date.parse(engine.clock.now()) + days * DAY).toISOString()

  it('counts what is in the way in views that are as new as the log, and goes when nothing is', async () => {
    await createPackage(engine, 'busy', { terms: exampleTerms() })
    await assign('busy', 'alice')
    await assign('busy', 'anna')
    await assign('busy', 'ben', later(3))
    const asked = await submit(engine, 'busy', 'carl')
    expect(await refusalFor('busy')).toMatchObject({
      kind: 'conflict',
      code: 'package.in-use',
      data: { active: 2, scheduled: 1, pendingRequests: 1 },
    })
    expect(
      await refusalOf(engine, 'admin', {
        type: 'RemovePolicy',
        packageId: 'busy',
        policyId: 'standard',
      }),
    ).toBe('policy.in-use')
    for (const subjectId of ['alice', 'anna', 'ben'])
      await send(engine, 'admin', {
        type: 'RemoveAssignment',
        assignmentId: `busy.${subjectId}.a1`,
        justification: null,
      })
    expect((await refusalFor('busy')).message).toContain('it has 1 pending request (S24);')
    await send(engine, 'carl', {
      type: 'CancelRequest',
      requestId: asked.result.requestId ?? '',
      reason: null,
    })
    await remove('busy')
    await engine.settle()
    expect(engine.main.held()).toEqual([])
  })

  it('leaves the history to who managed it, and gives no id again', async () => {
    const admin = user('admin')
    const { application } = engine
    expect(await application.package(admin, 'busy')).toMatchObject({ id: 'busy', deletedAt: START })
    const history = await application.packageHistory(admin, 'busy', PAGE)
    expect(history?.items.at(-1)?.type).toBe('AccessPackageDeleted.v1')
    expect(await application.policyVersions(admin, 'busy', 'standard')).toHaveLength(1)
    const ofBusy = { ...PAGE, packageId: 'busy' }
    expect((await application.assignments(admin, ofBusy)).items).toHaveLength(3)
    expect((await application.requests(admin, ofBusy)).items).toHaveLength(4)
    expect(await application.assignment(admin, 'busy.alice.a1')).toMatchObject({
      id: 'busy.alice.a1',
    })
    const listed = async (includeDeleted: boolean) =>
      (await application.packages(admin, { ...PAGE, includeDeleted })).items.map(({ id }) => id)
    expect(await listed(false)).not.toContain('busy')
    expect(await listed(true)).toContain('busy')
    expect(await application.requestablePackage(user('alice'), 'busy')).toBeUndefined()
    expect(
      await refusalOf(engine, 'alice', {
        type: 'SubmitRequest',
        packageId: 'busy',
        subjectId: 'alice',
        policyId: null,
        justification: null,
      }),
    ).toBe('package.not-found')
    await expect(createPackage(engine, 'busy')).rejects.toThrow('package.already-exists')
  })

  it('waits for the view, and says so when it doesn’t come', async () => {
    await createPackage(engine, 'lagging')
    const projections = { ...engine.projections, waitForView: async () => false }
    const application = createApplication({ ...engine, projections })
    const envelope = { commandId: randomUUID(), caller: user('admin') }
    await expect(application.execute(deletion('lagging'), envelope)).rejects.toThrow(ViewsLagging)
    // Who may not delete it doesn't wait.
    expect(
      await application.execute(deletion('lagging'), { ...envelope, caller: user('alice') }),
    ).toMatchObject({ ok: false, refusal: { code: 'package.forbidden' } })
    await remove('lagging')
  })

  /** An application whose commands find the package as it was before its deletion: they come in behind it. */
  const withOldEyes = (packageId: string) => {
    const stream = `accessPackage-${packageId}`
    return createApplication({
      ...engine,
      store: {
        ...engine.store,
        readStream: async (name, after) => {
          const events = await engine.store.readStream(name, after)
          return name === stream
            ? events.filter(({ type }) => type !== 'AccessPackageDeleted.v1')
            : events
        },
      },
    })
  }
  const comeIn = async (packageId: string) => {
    const late = withOldEyes(packageId)
    const enter = async (by: string, command: Parameters<typeof late.execute>[0]) =>
      expect(
        await late.execute(command, { commandId: randomUUID(), caller: user(by) }),
      ).toMatchObject({ ok: true })
    const asks = { type: 'SubmitRequest', packageId, policyId: null, justification: null } as const
    await enter('alice', { ...asks, subjectId: 'alice' })
    const gives = { type: 'AssignDirectly', packageId, policyId: 'standard' } as const
    const plain = { endAt: null, justification: null }
    await enter('admin', { ...gives, ...plain, subjectId: 'anna', startAt: null })
    await enter('admin', { ...gives, ...plain, subjectId: 'ben', startAt: later(3) })
  }
  const typesOf = (packageId: string) =>
    Promise.all(
      ['alice', 'anna', 'ben'].map(async (id) =>
        (await engine.typesOf(`entitlement-${packageId}.${id}`)).filter((type) =>
          /^(RequestCancelled|AssignmentEnded)/.test(type),
        ),
      ),
    )
  const ENDED = [['RequestCancelled.v1'], ['AssignmentEnded.v2'], ['RequestCancelled.v1']]

  it('ends what came in while it was being deleted, and revokes it everywhere', async () => {
    await createPackage(engine, 'raced', { terms: exampleTerms() })
    await engine.settle()
    await remove('raced')
    await comeIn('raced')
    await engine.settle()
    expect(await typesOf('raced')).toEqual(ENDED)
    const [ended] = (await engine.events('entitlement-raced.anna')).filter(
      ({ type }) => type === 'AssignmentEnded.v2',
    )
    expect(ended?.data).toMatchObject({ reason: 'removed', by: 'system', justification: REASON })
    expect(engine.main.held()).toEqual([])
    const counts = await engine.views.counts('raced')
    expect(counts).toEqual({
      requests: { Cancelled: 2, Unfulfilled: 1 },
      assignments: { Removed: 1, Cancelled: 1 },
    })
    // Once: what is looked at again is left alone.
    const before = await engine.store.head()
    await createSweep({ ...engine.parts, staleMillis: -DAY })(never)
    await engine.settle()
    expect(await engine.store.head()).toBe(before)
  })

  it('finds it without the job that the deletion caused, and when it comes in long after', async () => {
    await createPackage(engine, 'orphaned', { terms: exampleTerms() })
    await engine.settle()
    await remove('orphaned')
    await engine.settle()
    await comeIn('orphaned')
    await engine.caughtUp()
    engine.jobs.wipe()
    expect(await typesOf('orphaned')).toEqual([[], [], []])
    const { entitlements } = await createSweep({ ...engine.parts, staleMillis: -DAY })(never)
    expect(entitlements).toBe(3)
    await engine.settle()
    expect(await typesOf('orphaned')).toEqual(ENDED)
    expect(engine.main.held()).toEqual([])
  })

  it('starts nothing of it, and lets an approver only deny', async () => {
    await createPackage(engine, 'late', { terms: exampleTerms() })
    await engine.settle()
    await remove('late')
    await engine.settle()
    await comeIn('late')
    await engine.caughtUp()
    engine.jobs.wipe()
    const decide = (decision: 'approve' | 'deny') =>
      ({
        type: 'DecideApproval',
        requestId: 'late.alice.r1',
        decision,
        justification: null,
      }) as const
    expect(await refusalOf(engine, 'lea', decide('approve'))).toBe('package.deleted')
    await send(engine, 'lea', decide('deny'))
    engine.clock.set(later(4))
    await createSweep({ ...engine.parts, staleMillis: 30 * DAY })(never)
    expect((await engine.typesOf('entitlement-late.ben')).at(-1)).toBe('RequestCancelled.v1')
  })

  it('is kept from the packages that go on: theirs is left alone', async () => {
    await createPackage(engine, 'stays', { terms: openTerms() })
    await submit(engine, 'stays', 'dora')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.dora'])
  })
})
