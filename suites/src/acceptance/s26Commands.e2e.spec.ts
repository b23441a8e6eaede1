import { randomUUID } from 'node:crypto'
import { createClient, outcomeOf } from '@portcullis/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvedBy, fresh, givenPackage, terms, typesOf, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S26 Upstream services send commands', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const path = (packageId: string): string => `/v1/access-packages/${packageId}/requests`
  const key = (commandId: string) => ({ 'idempotency-key': commandId })
  /**
   * EventStoreDB tells two processes that appended the same in the same instant the same: both may take theirs for the
   * first.
   */
  const expectOneFirst = (answers: readonly { readonly repeated: boolean }[]): void => {
    const first = answers.filter(({ repeated }) => !repeated).length
    if (engine.installation.size === 'cluster') expect([1, 2]).toContain(first)
    else expect(first).toBe(1)
  }
  const headOf = async (): Promise<bigint> => engine.runtime.store.head()

  it('authenticated: without a token, or with one that is forged, expired or of somebody unknown, nothing is done', async () => {
    const packageId = await givenPackage(engine)
    const before = await headOf()
    const send = async (authorization: string | undefined) => {
      const answer = await fetch(`${engine.url}${path(packageId)}`, {
        method: 'POST',
        headers: authorization === undefined ? {} : { authorization },
      })
      return [answer.status, answer.headers.get('www-authenticate')?.split(' ')[0]]
    }
    const good = await engine.token('sam')
    const [head = '', payload = '', signature = ''] = good.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'alice' })).toString('base64url')
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    for (const authorization of [
      undefined,
      'Basic c2FtOnNhbQ==',
      'Bearer x',
      `Bearer ${head}.${forged}.${signature}`,
      `Bearer ${none}.${payload}.`,
    ])
      expect(await send(authorization)).toEqual([401, 'Bearer'])
    await engine.jumpTo(new Date(Date.parse(engine.clock.now()) + 3_600_000).toISOString())
    expect(await send(`Bearer ${good}`)).toEqual([401, 'Bearer'])
    for (const id of ['ghost', 'dan'])
      expect((await engine.as(id).refused('submitRequest', { packageId })).code).toBe(
        'actor.unknown',
      )
    expect(await headOf()).toBe(before)
  })

  it('a service acts for a subject, by the roles that its token carries, and the log says who it was', async () => {
    const packageId = await givenPackage(engine)
    const hr = engine.asService('hr')
    const { requestId = '' } = await hr.ok('submitRequest', { packageId, subjectId: 'sam' })
    const found = await engine.as('sam').ok('getRequest', { requestId })
    expect([found.requestorId, found.subjectId]).toEqual(['service:hr', 'sam'])
    expect(found.history[0]?.actor).toEqual({ kind: 'service', id: 'hr' })
    const catalog = { displayName: 'By a service' }
    expect((await hr.refused('createCatalog', catalog)).status).toBe(403)
    await engine.asService('hr', 'CatalogCreator').ok('createCatalog', catalog)
  })

  it('the same id sent twice does the thing once and gets the same answer', async () => {
    const packageId = await givenPackage(engine)
    const tess = engine.as('tess')
    const commandId = randomUUID()
    const first = await tess.ok('submitRequest', { packageId }, key(commandId))
    await engine.quiet()
    const before = await headOf()
    const second = await tess.ok('submitRequest', { packageId }, key(commandId))
    expect([first.commandId, first.repeated]).toEqual([commandId, false])
    expect(second).toEqual({ ...first, repeated: true })
    expect(await headOf()).toBe(before)
    const { items } = await tess.ok('listRequests', { packageId })
    expect(items).toHaveLength(1)
  })

  it('also when it was something that makes new ids, and also long after, when all has changed since', async () => {
    const alice = engine.as('alice')
    const commandId = randomUUID()
    const body = { displayName: 'Made once', policies: [{ terms: terms() }] }
    const first = await alice.ok('createAccessPackage', body, key(commandId))
    const packageId = first.packageId ?? ''
    const { policies } = await alice.ok('getAccessPackage', { packageId })
    await alice.ok('disablePolicy', { packageId, policyId: policies[0]?.id ?? '' })
    await engine.advance({ years: 3 })
    const again = await engine.as('alice').ok('createAccessPackage', body, key(commandId))
    expect(again).toEqual({ ...first, repeated: true })
  })

  it('at the same time: all get the one answer, and it happens once', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    const uma = engine.as('uma')
    const submit = randomUUID()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => uma.ok('submitRequest', { packageId }, key(submit))),
    )
    const requestId = `${packageId}.uma.r1`
    expect(new Set(answers.map((answer) => answer.requestId))).toEqual(new Set([requestId]))
    expect(new Set(answers.map(({ position }) => position)).size).toBe(1)
    expectOneFirst(answers)
    const approve = randomUUID()
    const decided = await Promise.all(
      Array.from({ length: 8 }, () =>
        engine.as('bob').ok('approveRequest', { requestId }, key(approve)),
      ),
    )
    expectOneFirst(decided)
    await engine.quiet()
    const found = await uma.ok('getRequest', { requestId })
    expect(typesOf(found)).toEqual([
      'RequestSubmitted',
      'ApprovalGranted',
      'AssignmentStarted',
      'RolesDelivered',
    ])
    expect(engine.steady.calls.filter((call) => call === 'grant git.member.uma')).toHaveLength(1)
  })

  it('a refusal is no outcome that sticks: once it is allowed, the same id does it', async () => {
    const packageId = fresh('package')
    const vic = engine.as('vic')
    const commandId = randomUUID()
    const early = await vic.refused('submitRequest', { packageId }, key(commandId))
    expect(early.status).toBe(404)
    await engine.as('alice').ok('createAccessPackage', {
      id: packageId,
      displayName: 'Late',
      policies: [{ id: 'standard', terms: terms() }],
    })
    const answer = await vic.ok('submitRequest', { packageId }, key(commandId))
    expect([answer.commandId, answer.repeated]).toEqual([commandId, false])
  })

  it('an id that is not one is refused; without any the answer names the one that was made', async () => {
    const packageId = await givenPackage(engine)
    const will = engine.as('will')
    expect(await will.refused('submitRequest', { packageId }, key('not-a-uuid'))).toMatchObject({
      status: 400,
      code: 'input.invalid',
    })
    const { headers, text } = await will.raw('POST', path(packageId), {})
    expect(JSON.parse(text).commandId).toBe(headers.get('idempotency-key'))
  })

  it('the typed client does this: it makes the ids, and sends again under the same one when an answer is lost', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    let losing = 0
    const client = createClient({
      url: engine.url,
      token: () => engine.token('xena'),
      fetch: async (...words) => {
        const answer = await fetch(...words)
        if (losing === 0) return answer
        losing -= 1
        await answer.body?.cancel()
        throw new TypeError('the connection was cut before the answer came')
      },
      retryPolicy: { firstDelayMillis: 1 },
    })
    losing = 2
    const sent = await client.submitRequest({ packageId, justification: 'Once' })
    expect([sent.requestId, sent.repeated]).toEqual([`${packageId}.xena.r1`, true])
    const { position } = sent
    const found = await client.getRequest({ requestId: sent.requestId ?? '', atLeast: position })
    expect([found.status, found.justification]).toEqual(['PendingApproval', 'Once'])
    const { commandId } = sent
    const same = await client.submitRequest({ packageId, justification: 'Once' }, { commandId })
    expect(same.requestId).toBe(sent.requestId)
    const other = await outcomeOf(client.submitRequest({ packageId }))
    expect(other.ok ? undefined : other.refusal.code).toBe('request.already-pending')
    const listed: string[] = []
    for await (const { id } of client.listRequests.all({ packageId, limit: 1 })) listed.push(id)
    expect(listed).toEqual([sent.requestId])
  })
})
