import { randomUUID } from 'node:crypto'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPackage, execute, openTerms, refusalOf, send, submit } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'

const access = (resource: string, subject: string) => ({
  resource: { id: resource, externalId: resource },
  role: { id: 'member', externalId: 'member' },
  subject: {
    id: subject,
    userName: subject,
    email: `${subject}@example.com`,
    displayName: subject,
  },
})

describe('reprocessing (S21)', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    await createPackage(engine, 'pack', { roles: ['wiki.member', 'crm.member'] })
    await createPackage(engine, 'asked', { terms: exampleTerms() })
    await engine.start()
  })
  afterAll(() => engine.close())

  const assignmentOf = (subject: string) => `pack.${subject}.a1`
  const reprocess = (subject: string, by = 'admin', commandId = randomUUID()) =>
    send(
      engine,
      by,
      { type: 'ReprocessAssignment', assignmentId: assignmentOf(subject) },
      commandId,
    )
  const statusOf = async (subject: string) =>
    (await engine.views.assignment(assignmentOf(subject)))?.status
  const requestOf = (subject: string) =>
    engine.application.request(
      { actor: { kind: 'user', id: 'admin' }, directoryRoles: [] },
      `pack.${subject}.r1`,
    )

  it('tries again what failed for good, and nothing else', async () => {
    engine.other.refuse()
    await submit(engine, 'pack', 'alice')
    await engine.settle()
    expect(await requestOf('alice')).toMatchObject({
      status: 'Unfulfilled',
      subStatus: 'PartiallyFulfilled',
      fulfilmentErrorCount: 1,
      fulfilmentErrors: [
        {
          resourceId: 'crm',
          roleId: 'member',
          resourceName: 'crm',
          roleName: 'member',
          code: 'other.refused',
          message: 'says no',
          attempts: 1,
          firstFailedAt: START,
          lastFailedAt: START,
          nextTryAt: null,
        },
      ],
    })
    engine.other.up()
    await engine.settle()
    expect(await statusOf('alice')).toBe('PartiallyDelivered')
    const request = { type: 'ReprocessRequest', requestId: 'pack.alice.r1' } as const
    // wiki is looked at again, crm tried again.
    expect((await send(engine, 'admin', request)).result).toEqual({
      requestId: 'pack.alice.r1',
      assignmentId: 'pack.alice.a1',
      retriedRoles: 2,
    })
    await engine.settle()
    expect(await statusOf('alice')).toBe('Delivered')
    expect(await requestOf('alice')).toMatchObject({ status: 'Fulfilled', fulfilmentErrors: [] })
  })

  it('ends a wait after a failure; the errors count every try and say when the next one is', async () => {
    engine.main.down()
    engine.other.down()
    await submit(engine, 'pack', 'anna')
    await engine.settleUntil('2026-06-01T09:00:00.000Z')
    const waiting = await requestOf('anna')
    const [error] = waiting?.fulfilmentErrors ?? []
    expect(waiting?.fulfilmentErrorCount).toBe(2)
    expect(error?.attempts).toBeGreaterThan(5)
    expect(error?.firstFailedAt).toBe(START)
    expect((error?.lastFailedAt ?? '') > START).toBe(true)
    expect((error?.nextTryAt ?? '') > engine.clock.now()).toBe(true)
    engine.main.up()
    engine.other.up()
    expect((await reprocess('anna')).result.retriedRoles).toBe(2)
    await engine.settle()
    expect(await statusOf('anna')).toBe('Delivered')
  })

  it('grants again what the target has lost, and leaves alone what is there', async () => {
    await submit(engine, 'pack', 'ben')
    await engine.settle()
    await engine.main.revoke(access('wiki', 'ben'), AbortSignal.timeout(1000))
    expect(engine.main.held()).not.toContain('wiki.member.ben')
    expect(await statusOf('ben')).toBe('Delivered')
    expect((await reprocess('ben')).result.retriedRoles).toBe(2)
    await engine.settle()
    expect(engine.main.held()).toContain('wiki.member.ben')
    expect(engine.other.held()).toContain('crm.member.ben')
    expect(await statusOf('ben')).toBe('Delivered')
    expect(await engine.typesOf('grant-wiki.member.ben')).toEqual([
      'HoldAdded.v1',
      'ProvisioningStarted.v2',
      'AccessProvisioned.v2',
      'RetryRequested.v1',
      'ProvisioningStarted.v2',
      'AccessProvisioned.v2',
    ])
  })

  it('takes back what could not be taken back after the end', async () => {
    await submit(engine, 'pack', 'carl')
    await engine.settle()
    engine.main.refuse()
    await send(engine, 'admin', {
      type: 'RemoveAssignment',
      assignmentId: assignmentOf('carl'),
      justification: null,
    })
    await engine.settle()
    expect(engine.main.held()).toContain('wiki.member.carl')
    engine.main.up()
    expect((await reprocess('carl')).result.retriedRoles).toBe(1)
    await engine.settle()
    expect(engine.main.held()).not.toContain('wiki.member.carl')
    expect((await reprocess('carl')).result.retriedRoles).toBe(0)
  })

  it('sent again under the same id, asks nobody twice', async () => {
    await submit(engine, 'pack', 'dora')
    await engine.settle()
    const id = randomUUID()
    const first = await reprocess('dora', 'admin', id)
    const again = await reprocess('dora', 'admin', id)
    expect(again).toEqual({ ...first, repeated: true })
    await engine.settle()
  })

  it('is for whoever manages the package, and for what has been delivered', async () => {
    const command = { type: 'ReprocessAssignment', assignmentId: assignmentOf('alice') } as const
    expect(await refusalOf(engine, 'alice', command)).toBe('assignment.forbidden')
    expect(await refusalOf(engine, 'admin', { ...command, assignmentId: 'pack.alice.a9' })).toBe(
      'assignment.not-found',
    )
    expect(await refusalOf(engine, 'admin', { ...command, assignmentId: 'nothing' })).toBe(
      'assignment.not-found',
    )
    await submit(engine, 'asked', 'alice')
    const request = { type: 'ReprocessRequest', requestId: 'asked.alice.r1' } as const
    expect(await refusalOf(engine, 'admin', request)).toBe('request.nothing-to-reprocess')
    expect(await refusalOf(engine, 'admin', { ...request, requestId: 'asked.alice.r7' })).toBe(
      'request.not-found',
    )
    await createPackage(engine, 'later', { terms: openTerms({ requestors: { kind: 'none' } }) })
    const { result } = await send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId: 'later',
      subjectId: 'alice',
      policyId: 'standard',
      startAt: '2026-12-01T00:00:00.000Z',
      endAt: null,
      justification: null,
    })
    const scheduled = await execute(engine, 'admin', {
      type: 'ReprocessAssignment',
      assignmentId: result.assignmentId ?? '',
    })
    expect(scheduled).toMatchObject({
      ok: false,
      refusal: { code: 'assignment.nothing-to-reprocess', kind: 'conflict' },
    })
  })
})
