import { DEFAULT_DRIFT_POLICY } from '@portcullis/provisioning'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runScans } from '../drift/scanJob.ts'
import { type AccountTarget, createAccountTarget } from '../testing/accountTarget.ts'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, send, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const WEEK = '2026-06-08T08:00:00.000Z'

/** What a target knows people by, and what the log says of it. */
describe('access of the right account', () => {
  let engine: TestEngine
  let target: AccountTarget
  beforeEach(async () => {
    target = createAccountTarget('main', { 'acc-1': 'alice', 'acc-2': 'ben' })
    engine = await openTestEngine([target])
    await engine.start()
    await createPackage(engine, 'p', { roles: ['wiki.member'] })
  })
  afterEach(() => engine.close())

  const assigned = async (...people: readonly string[]) => {
    for (const person of people) await submit(engine, 'p', person)
    await engine.settle()
  }
  const removed = async (person: string) => {
    const assignmentId = `p.${person}.a1`
    await send(engine, person, { type: 'RemoveAssignment', assignmentId, justification: null })
    await engine.settle()
  }
  const scan = async () => {
    const { result } = await send(engine, 'admin', {
      type: 'StartDriftScan',
      resourceId: 'wiki',
      dryRun: false,
    })
    await runScans(engine.parts, 'wiki', new AbortController().signal)
    await engine.settle()
    expect(await engine.driftRecords.scan(result.scanId ?? '')).toMatchObject({
      status: 'completed',
    })
    const findings = await engine.driftRecords.findings(result.scanId ?? '', null, 100)
    return findings.map(({ kind, subjectId, label, action }) =>
      [kind, subjectId ?? label, action].join(' '),
    )
  }
  const last = async (person: string) => {
    const event = (await engine.events(`grant-wiki.member.${person}`)).at(-1)
    return event && { type: event.type, ...event.data }
  }
  const problems = async () => {
    await engine.caughtUp()
    const { items } = await engine.application.problems(user('admin'), {
      kind: 'access',
      limit: 100,
    })
    return items.map(({ subjectId, error }) => `${subjectId} ${error?.code}`)
  }
  /** As who manages the package is shown it. */
  const shown = async (person: string) => {
    await engine.caughtUp()
    const found = await engine.application.assignment(user('admin'), `p.${person}.a1`)
    return found?.roles.map(({ delivery: { state, receipt } }) =>
      [state, receipt?.kind, receipt?.account?.id].join(' '),
    )
  }
  /** Somebody new with the user name of somebody who has left. */
  const newcomer = (people: readonly object[]) =>
    importOrganisation(engine.pool, {
      people: [...ORGANISATION.people.filter(({ id }) => id !== 'alice'), ...people],
    })
  const another = {
    id: 'alice2',
    userName: 'Alice',
    displayName: 'Alice II',
    email: 'alice2@example.com',
  }

  it('is kept at the grant, and taken from that account whatever it is called by then', async () => {
    await assigned('alice', 'ben')
    expect(await last('alice')).toMatchObject({
      type: 'AccessProvisioned.v2',
      account: { id: 'acc-1', member: 'acc-1' },
      receipt: { kind: 'read-back' },
    })
    expect(await shown('alice')).toEqual(['Delivered read-back acc-1'])
    target.accounts.set('acc-1', { id: 'acc-1', userName: 'renamed' })
    target.accounts.set('acc-9', { id: 'acc-9', userName: 'alice' })
    await removed('alice')
    expect(await shown('alice')).toEqual(['Revoked read-back acc-1'])
    expect([...target.members]).toEqual(['wiki.member acc-2'])
    expect(await last('alice')).toMatchObject({
      type: 'AccessRevoked.v3',
      receipt: { kind: 'read-back' },
    })
  })

  it('is delivered where the target never lists anybody, and told as acknowledged', async () => {
    target.mute = true
    await assigned('alice')
    expect(await last('alice')).toMatchObject({
      type: 'AccessProvisioned.v2',
      receipt: { kind: 'acknowledged' },
    })
    expect(await engine.typesOf('entitlement-p.alice')).toContain('RolesDelivered.v1')
    expect(await shown('alice')).toEqual(['Delivered acknowledged acc-1'])
    await removed('alice')
    expect([...target.members]).toEqual([])
    expect(await shown('alice')).toEqual(['Revoked acknowledged acc-1'])
    expect(await last('alice')).toMatchObject({
      type: 'AccessRevoked.v3',
      receipt: { kind: 'acknowledged' },
    })
    expect(await problems()).toEqual([])
  })

  it('is never told as removed while it isn’t known, and is an open problem until it is', async () => {
    await assigned('alice')
    target.accounts.delete('acc-1')
    target.hides = true
    await removed('alice')
    await engine.settleUntil(WEEK)
    expect(await engine.typesOf('grant-wiki.member.alice')).not.toContain('AccessRevoked.v3')
    expect(await problems()).toEqual(['alice main.account-not-found'])
    // Who has to see to it is told which account it is.
    expect(await shown('alice')).toEqual(['Failed read-back acc-1'])
    expect([...target.members]).toEqual(['wiki.member acc-1'])
    target.hides = false
    await engine.settleUntil('2026-06-09T08:00:00.000Z')
    expect(await last('alice')).toMatchObject({ type: 'AccessRevoked.v3' })
    expect(await problems()).toEqual([])
  })

  it('is nobody’s to take back who never got it', async () => {
    await assigned('carl')
    expect(await last('carl')).toMatchObject({ code: 'main.user-not-found', retryAt: null })
    await removed('carl')
    expect(await engine.typesOf('grant-wiki.member.carl')).not.toContain('AccessRevoked.v3')
    expect(await problems()).toEqual([])
  })

  it('isn’t given to a newcomer with the leaver’s user name, by any scan', async () => {
    await assigned('alice')
    target.accounts.delete('acc-1')
    target.members.clear()
    target.accounts.set('acc-9', { id: 'acc-9', userName: 'alice' })
    await newcomer([another])
    engine.driftPolicies.set('main', { ...DEFAULT_DRIFT_POLICY, everyMillis: null })
    await scan()
    expect([...target.members]).toEqual([])
    // Found missing, and withheld: nothing new is given to somebody who has left.
    expect(await last('alice')).toMatchObject({ type: 'DriftFound.v3', found: 'absent' })
    expect(await engine.typesOf('grant-wiki.member.alice')).not.toContain('AccessRevoked.v3')
  })

  it('is refused to people who share a user name, until something tells them apart', async () => {
    await newcomer([another])
    await importOrganisation(engine.pool, {
      groups: ORGANISATION.groups,
      memberships: [...ORGANISATION.memberships, { groupId: 'eng', personId: 'alice2' }],
    })
    target.accounts.set('acc-1', { id: 'acc-1', userName: 'Alice', employeeNumber: '2' })
    await assigned('alice2')
    expect([...target.members]).toEqual([])
    expect(await last('alice2')).toMatchObject({ code: 'main.user-name-shared' })
    await newcomer([{ ...another, employeeNumber: '2' }])
    await send(engine, 'admin', { type: 'ReprocessAssignment', assignmentId: 'p.alice2.a1' })
    await engine.settle()
    expect([...target.members]).toEqual(['wiki.member acc-1'])
  })

  it('is found again by a scan under its new name, and not missed', async () => {
    await assigned('alice', 'ben')
    target.accounts.set('acc-1', { id: 'acc-1', userName: 'renamed' })
    expect(await scan()).toEqual([])
    // Another account under a name of somebody whose access is elsewhere is nobody's.
    target.accounts.set('acc-8', { id: 'acc-8', userName: 'ben' })
    target.members.add('wiki.member acc-8')
    expect(await scan()).toEqual(['unmatched ben none'])
  })

  it('that a scan finds and can’t look at again stays a finding, and isn’t taken away', async () => {
    await assigned('ben')
    target.members.add('wiki.member acc-1')
    target.hides = true
    target.accounts.delete('acc-1')
    engine.driftPolicies.set('main', {
      ...DEFAULT_DRIFT_POLICY,
      everyMillis: null,
      removeUnexpected: true,
    })
    // The target names the account, and says whose it was.
    const { holders } = target
    target.holders = async function* (role, signal) {
      for await (const page of holders?.(role, signal) ?? [])
        yield page.map((holder) =>
          holder.account?.id === 'acc-1' ? { ...holder, userName: 'alice' } : holder,
        )
    }
    expect(await scan()).toEqual(['unexpected alice none'])
    expect(target.members.has('wiki.member acc-1')).toBe(true)
    target.hides = false
    expect(await scan()).toEqual(['unexpected alice revoke'])
    expect([...target.members]).toEqual(['wiki.member acc-2'])
  })
})
