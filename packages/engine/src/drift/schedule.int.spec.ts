import { randomUUID } from 'node:crypto'
import { addMillis, deriveId, storedCommandId } from '@portcullis/core'
import { DEFAULT_DRIFT_POLICY } from '@portcullis/provisioning'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApplication } from '../application.ts'
import { execute, refusalOf, send, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { runScans } from './scanJob.ts'
import { queueScans } from './schedule.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('when scans for drift run', () => {
  let engine: TestEngine
  const { signal } = new AbortController()
  beforeEach(async () => {
    engine = await openTestEngine()
  })
  afterEach(() => engine.close())

  const scansOf = async (resourceId: string) =>
    (await engine.driftRecords.scans({ resourceId, before: null, limit: 100 })).map(
      ({ status, endedAt, error }) => `${status} ${endedAt}${error ? ` ${error.code}` : ''}`,
    )
  const daily = () => engine.driftPolicies.set('main', DEFAULT_DRIFT_POLICY)
  const start = (resourceId: string, id: string = randomUUID(), dryRun = false) =>
    send(engine, 'admin', { type: 'StartDriftScan', resourceId, dryRun }, id)

  it('at once, then so long after the last one ended, and once after any downtime', async () => {
    daily()
    await engine.start()
    await engine.settle()
    expect(await scansOf('wiki')).toEqual([`completed ${START}`])
    expect(await scansOf('repo')).toHaveLength(1)
    await engine.settleUntil(addMillis(START, 2 * DAY + HOUR))
    expect(await scansOf('wiki')).toHaveLength(3)
    await engine.stop()
    engine.clock.set(addMillis(START, 30 * DAY))
    await engine.start()
    await engine.settle()
    expect(await scansOf('wiki')).toHaveLength(4)
    expect((await scansOf('wiki'))[0]).toBe(`completed ${addMillis(START, 30 * DAY)}`)
  })

  it('not by itself for a connector without a policy, or with the policy never', async () => {
    engine.driftPolicies.set('main', { ...DEFAULT_DRIFT_POLICY, everyMillis: null })
    await engine.start()
    await engine.settle()
    expect(await scansOf('wiki')).toEqual([])
    expect(await scansOf('crm')).toEqual([])
  })

  it('a scan that fails is recorded as failed, and another one comes at the next time', async () => {
    daily()
    engine.main.down()
    await engine.start()
    await engine.settle()
    expect(await scansOf('wiki')).toEqual([`failed ${START} main.down`])
    engine.main.up()
    await engine.settleUntil(addMillis(START, DAY + HOUR))
    expect((await scansOf('wiki'))[0]).toMatch(/^completed/)
    expect(await scansOf('wiki')).toHaveLength(2)
  })

  it('one at a time on a resource, however many workers try', async () => {
    let [under, most] = [0, 0]
    engine.main.afterPage = async () => {
      under += 1
      most = Math.max(most, under)
      await new Promise((resolve) => setImmediate(resolve))
      under -= 1
    }
    await engine.main.byHand('grant', 'wiki.member.alice')
    await engine.start()
    await engine.settle()
    for (const _ of [1, 2, 3]) await start('wiki')
    await Promise.all([1, 2, 3].map(() => runScans(engine.parts, 'wiki', signal)))
    expect(most).toBe(1)
    expect(await scansOf('wiki')).toEqual(Array(3).fill(`completed ${START}`))
  })

  it('one whose process died runs again, but not for ever', async () => {
    await start('wiki')
    for (const _ of [1, 2]) await engine.driftRecords.begin('wiki', START)
    await queueScans(engine.parts, signal)
    await engine.start()
    await engine.settle()
    expect(await scansOf('wiki')).toEqual([`completed ${START}`])
    await start('repo')
    for (const _ of [1, 2, 3]) await engine.driftRecords.begin('repo', START)
    await engine.stop()
    await runScans(engine.parts, 'repo', signal)
    expect(await scansOf('repo')).toEqual([`failed ${START} drift.interrupted`])
  })

  it('when a User administrator asks, once for each command id', async () => {
    const id = randomUUID()
    const result = { scanId: storedCommandId({ kind: 'user', id: 'admin' }, id) }
    expect(await start('wiki', id)).toMatchObject({ repeated: false, result })
    expect(await start('wiki', id)).toMatchObject({ repeated: true, result })
    expect(await scansOf('wiki')).toHaveLength(1)
    const command = { type: 'StartDriftScan', resourceId: 'wiki', dryRun: true } as const
    for (const by of ['creator', 'alice', 'gone'])
      expect(await refusalOf(engine, by, command)).toBe('drift.forbidden')
    expect(await refusalOf(engine, 'admin', { ...command, resourceId: 'x' })).toBe(
      'resource.not-found',
    )
    expect((await execute(engine, 'admin', command)).ok).toBe(true)
  })

  it('says why a resource can not be scanned', async () => {
    await start('lost')
    await runScans(engine.parts, 'lost', signal)
    expect(await scansOf('lost')).toEqual([`failed ${START} provisioning.unknown-connector`])
  })

  it('not for the id of a scan that will be due: it comes all the same', async () => {
    const id = deriveId('drift-scan', 'wiki', 'first')
    expect((await start('wiki', id, true)).result.scanId).not.toBe(id)
    await runScans(engine.parts, 'wiki', signal)
    daily()
    await queueScans(engine.parts, signal)
    expect(await engine.driftRecords.scan(id)).toMatchObject({ status: 'waiting', dryRun: false })
  })

  it('not under a command id that stands for another one, also as another process sees it', async () => {
    const id = randomUUID()
    await start('wiki', id)
    const command = { type: 'StartDriftScan', resourceId: 'wiki', dryRun: true } as const
    expect(await refusalOf(engine, 'admin', command, id)).toBe('command.key-reused')
    const envelope = { commandId: id, caller: user('admin') }
    expect(await createApplication(engine).execute(command, envelope)).toMatchObject({
      ok: false,
      refusal: { code: 'command.key-reused' },
    })
    expect(await scansOf('wiki')).toHaveLength(1)
  })

  it('keeps the last scans to be seen, by administrators only, a page at a time', async () => {
    await engine.start()
    await engine.settle()
    for (const person of ['ben', 'carl', 'dora'])
      await engine.main.byHand('grant', `wiki.member.${person}`)
    const ids: string[] = []
    for (let count = 0; count < 8; count += 1) ids.push((await start('wiki')).result.scanId ?? '')
    await runScans(engine.parts, 'wiki', signal)
    const { application } = engine
    const admin = user('admin')
    const first = await application.driftScans(admin, { limit: 5, resourceId: 'wiki' })
    if (!first.ok || first.answer.next === null) throw new Error('not the first page')
    expect(first.answer.items.map(({ id }) => id)).toEqual(ids.slice(3).reverse())
    const cursor = first.answer.next
    expect(await application.driftScans(admin, { limit: 5, cursor })).toMatchObject({
      answer: { items: ids.slice(0, 3).map(() => ({ resourceId: 'wiki' })), next: null },
    })
    const findings = async (id: string | undefined) =>
      application.driftFindings(admin, id ?? '', { limit: 2 })
    expect(await findings(ids[7])).toMatchObject({
      answer: { items: [{ label: 'ben' }, { label: 'carl' }], next: expect.any(String) },
    })
    // Of older ones only what they came to is kept.
    expect(await findings(ids[0])).toMatchObject({ answer: { items: [] } })
    for (const who of ['creator', 'alice']) {
      const refused = { ok: false, refusal: { code: 'drift.forbidden' } }
      expect(await application.driftScans(user(who), { limit: 5 })).toMatchObject(refused)
      expect(await application.driftScan(user(who), ids[0] ?? '')).toMatchObject(refused)
      expect(await application.driftFindings(user(who), ids[0] ?? '', { limit: 5 })).toMatchObject(
        refused,
      )
    }
  })
})
