import { addMillis } from '@portcullis/core'
import { grantDecider } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, roleOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const HOUR = 3_600_000

describe('delivery, end to end', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
  })
  afterEach(() => engine.close())

  const remove = (packageId: string, subjectId = 'alice') =>
    send(engine, subjectId, {
      type: 'RemoveAssignment',
      assignmentId: `${packageId}.${subjectId}.a1`,
      justification: null,
    })
  const changeRole = (
    type: 'AddResourceRole' | 'RemoveResourceRole',
    packageId: string,
    role: string,
  ) => send(engine, 'admin', { type, packageId, ...roleOf(role) })
  const assignment = (id: string) => engine.application.assignment(user('admin'), id)
  const request = (id: string) => engine.application.request(user('admin'), id)
  const rolesIn = async (stream: string, type: string) =>
    (await engine.events(stream)).filter((event) => event.type === type).map(({ data }) => data)

  it('grants every role, records it once, and revokes it on removal (S25)', async () => {
    await createPackage(engine, 'p', { roles: ['wiki.member', 'crm.editor'] })
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect([...engine.main.held(), ...engine.other.held()]).toEqual([
      'wiki.member.alice',
      'crm.editor.alice',
    ])
    expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Delivered', settled: true })
    expect((await request('p.alice.r1'))?.status).toBe('Fulfilled')
    await remove('p')
    await engine.settle()
    expect([...engine.main.held(), ...engine.other.held()]).toEqual([])
    expect(await engine.typesOf('entitlement-p.alice')).toEqual([
      'RequestSubmitted.v1',
      'RequestAutoApproved.v1',
      'AssignmentStarted.v1',
      'RolesDelivered.v1',
      'AssignmentEnded.v2',
      'RolesRevoked.v1',
    ])
    expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Removed', settled: true })
  })

  it('tries again by itself, ever later, and delivers once the target is back (S21)', async () => {
    await createPackage(engine, 'p', { roles: ['wiki.member', 'crm.editor'] })
    engine.other.down()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await request('p.alice.r1')).toMatchObject({
      status: 'Unfulfilled',
      subStatus: 'PartiallyFulfilled',
      fulfilmentErrors: [{ resourceId: 'crm', roleId: 'editor', code: 'other.down' }],
    })
    await engine.settleUntil(addMillis(engine.clock.now(), HOUR))
    const failures = await engine.events('grant-crm.editor.alice')
    const waits = failures.flatMap((event) =>
      event.type === 'ProvisioningFailed.v1' && event.data.retryAt !== null
        ? [Date.parse(event.data.retryAt) - Date.parse(event.metadata.at)]
        : [],
    )
    expect(waits.length).toBeGreaterThan(5)
    expect(waits).toEqual(waits.toSorted((a, b) => a - b))
    engine.other.up()
    await engine.settleUntil(addMillis(engine.clock.now(), 2 * HOUR))
    expect(engine.other.held()).toEqual(['crm.editor.alice'])
    expect(await request('p.alice.r1')).toMatchObject({
      status: 'Fulfilled',
      subStatus: null,
      fulfilmentErrors: [],
    })
  })

  it('waits for an operator after an error for good, and goes on when asked to (S21)', async () => {
    await createPackage(engine, 'p')
    engine.main.refuse()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    const failed = await engine.typesOf('grant-wiki.member.alice')
    expect(failed).toEqual(['HoldAdded.v1', 'ProvisioningFailed.v1'])
    engine.main.up()
    await engine.settleUntil(addMillis(engine.clock.now(), 48 * HOUR))
    expect(await engine.typesOf('grant-wiki.member.alice')).toEqual(failed)
    await engine.parts.handle({
      stream: 'grant-wiki.member.alice',
      decider: grantDecider,
      command: { type: 'RetryNow' },
      envelope: { commandId: engine.parts.newId(), actor: { kind: 'system', id: 'spec' } },
      facts: () => ({ ...roleOf('wiki.member'), subjectId: 'alice' }),
    })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Delivered', settled: true })
  })

  it('says what to do when the resource names a connector that isn’t there', async () => {
    await createPackage(engine, 'p', { roles: ['lost.member'] })
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect((await request('p.alice.r1'))?.fulfilmentErrors).toMatchObject([
      {
        code: 'provisioning.unknown-connector',
        message: expect.stringContaining('names the connector nowhere, which is not configured'),
        transient: false,
      },
    ])
  })

  describe('a role of two packages', () => {
    beforeEach(async () => {
      await createPackage(engine, 'one')
      await createPackage(engine, 'two', { roles: ['wiki.member', 'repo.member'] })
      await submit(engine, 'one', 'alice')
      await submit(engine, 'two', 'alice')
      await engine.settle()
    })

    it('stays until the last assignment that confers it goes (promise 4)', async () => {
      expect(engine.main.calls).toEqual(['grant wiki.member.alice', 'grant repo.member.alice'])
      await remove('one')
      await engine.settle()
      expect(engine.main.held()).toEqual(['repo.member.alice', 'wiki.member.alice'])
      expect(await rolesIn('entitlement-one.alice', 'RolesRevoked.v1')).toMatchObject([
        { complete: true, roles: [{ ...roleOf('wiki.member'), kept: 'other-assignment' }] },
      ])
      await remove('two')
      await engine.settle()
      expect(engine.main.held()).toEqual([])
      expect(await rolesIn('entitlement-two.alice', 'RolesRevoked.v1')).toMatchObject([
        { complete: true },
      ])
    })

    it('stays when one package loses it (S6), and goes when the other does', async () => {
      await changeRole('RemoveResourceRole', 'one', 'wiki.member')
      await engine.settle()
      expect(engine.main.held()).toContain('wiki.member.alice')
      await changeRole('RemoveResourceRole', 'two', 'wiki.member')
      await engine.settle()
      expect(engine.main.held()).toEqual(['repo.member.alice'])
      await remove('one')
      await engine.settle()
      expect(await assignment('one.alice.a1')).toMatchObject({ status: 'Removed', settled: true })
    })
  })

  it('gives everybody a role that is added, and takes one that is removed (S5, S6)', async () => {
    await createPackage(engine, 'p')
    for (const id of ['alice', 'anna', 'ben']) await submit(engine, 'p', id)
    await engine.settle()
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    await changeRole('AddResourceRole', 'p', 'repo.editor')
    await engine.settle()
    expect(engine.main.held().filter((line) => line.startsWith('repo.'))).toEqual([
      'repo.editor.alice',
      'repo.editor.anna',
      'repo.editor.ben',
    ])
    expect(await assignment('p.ben.a1')).toMatchObject({ status: 'Delivered', rolesVersion: 2 })
    await remove('p', 'ben')
    await changeRole('RemoveResourceRole', 'p', 'wiki.member')
    await engine.settle()
    expect(engine.main.held()).toEqual(['repo.editor.alice', 'repo.editor.anna'])
    expect(await assignment('p.anna.a1')).toMatchObject({ status: 'Delivered', rolesVersion: 3 })
  })

  it('records that a removed role is gone also when the target was down at the time', async () => {
    await createPackage(engine, 'p', { roles: ['wiki.member', 'repo.member'] })
    await submit(engine, 'p', 'alice')
    await engine.settle()
    engine.main.down()
    await changeRole('RemoveResourceRole', 'p', 'wiki.member')
    await engine.settle()
    expect(engine.main.held()).toContain('wiki.member.alice')
    engine.main.up()
    await engine.settleUntil(addMillis(engine.clock.now(), HOUR))
    expect(engine.main.held()).toEqual(['repo.member.alice'])
    expect(await rolesIn('entitlement-p.alice', 'RolesRevoked.v1')).toMatchObject([
      { complete: true, roles: [{ ...roleOf('wiki.member'), kept: null }] },
    ])
  })

  it('keeps access that was there before (promise 4)', async () => {
    const [subject, resources] = await Promise.all([
      engine.directory.person('alice'),
      engine.directory.resources(['wiki']),
    ])
    const resource = resources.get('wiki')
    const role = resource?.roles[0]
    if (!subject || !resource || !role) throw new Error('the organisation has changed')
    await engine.main.grant({ resource, role, subject }, new AbortController().signal)
    await createPackage(engine, 'p')
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect(await rolesIn('entitlement-p.alice', 'RolesDelivered.v1')).toMatchObject([
      { roles: [{ preexisting: true }] },
    ])
    await remove('p')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await rolesIn('entitlement-p.alice', 'RolesRevoked.v1')).toMatchObject([
      { complete: true, roles: [{ kept: 'preexisting' }] },
    ])
    expect(engine.main.calls).toEqual(['grant wiki.member.alice'])
  })

  describe('an end in the middle of it (promise 2)', () => {
    const short = openTerms({ expiration: { kind: 'afterHours', hours: 2 } })

    it('stops what was still being tried', async () => {
      await createPackage(engine, 'p', { terms: short })
      engine.main.down()
      await submit(engine, 'p', 'alice')
      await engine.settleUntil(addMillis(engine.clock.now(), 3 * HOUR))
      expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Expired' })
      engine.main.up()
      await engine.settleUntil(addMillis(engine.clock.now(), 24 * HOUR))
      expect(engine.main.held()).toEqual([])
      expect(await engine.typesOf('grant-wiki.member.alice')).not.toContain('AccessProvisioned.v2')
      expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Expired', settled: true })
    })

    it('revokes what was granted though nobody heard the answer', async () => {
      await createPackage(engine, 'p', { terms: short })
      engine.main.afterGrant = async () => {
        engine.main.afterGrant = null
        engine.main.down()
        throw new Error('connection reset')
      }
      await submit(engine, 'p', 'alice')
      await engine.settle()
      expect(engine.main.held()).toEqual(['wiki.member.alice'])
      await engine.settleUntil(addMillis(engine.clock.now(), 3 * HOUR))
      engine.main.up()
      await engine.settleUntil(addMillis(engine.clock.now(), 2 * HOUR))
      expect(engine.main.held()).toEqual([])
      expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Expired', settled: true })
    })

    it('is followed by the revoke when it comes while the grant is under way', async () => {
      await createPackage(engine, 'p')
      engine.main.afterGrant = async () => {
        engine.main.afterGrant = null
        await remove('p')
      }
      await submit(engine, 'p', 'alice')
      await engine.settle()
      expect(engine.main.calls).toEqual(['grant wiki.member.alice', 'revoke wiki.member.alice'])
      expect(engine.main.held()).toEqual([])
      expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Removed', settled: true })
    })
  })

  it('delivers a role that is added while the others are being delivered', async () => {
    await createPackage(engine, 'p')
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    engine.main.afterGrant = async () => {
      engine.main.afterGrant = null
      await changeRole('AddResourceRole', 'p', 'repo.member')
    }
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect(engine.main.held()).toEqual(['repo.member.alice', 'wiki.member.alice'])
    expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Delivered', rolesVersion: 2 })
  })
})
