import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Caller } from './testing/caller.ts'
import { givenPackage, request, typesOf, untilAssignment } from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'
import { readCsv } from './testing/readCsv.ts'

describe('S19 See assignments', () => {
  let engine: Engine
  let alice: Caller
  let packageId: string
  const idOf = (subject: string): string => `${packageId}.${subject}.a1`

  beforeAll(async () => {
    engine = await openEngine()
    alice = engine.as('alice')
    packageId = await givenPackage(engine, {}, { roles: ['git.member', 'crm.user'] })
    const now = engine.clock.now()
    const give = (subjectId: string, dates: { startAt?: string; endAt?: string } = {}) =>
      alice.ok('assignDirectly', { packageId, subjectId, policyId: 'standard', ...dates })
    await give('sam', { endAt: later(now, { days: 1 }) })
    await give('tess')
    await give('uma', { startAt: later(now, { days: 100 }) })
    await engine.quiet()
    engine.shaky.refuse()
    await request(engine.as('vic'), packageId)
    await untilAssignment(alice, idOf('vic'), 'PartiallyDelivered')
    engine.shaky.up()
    await give('will')
    await engine.advance({ days: 1 })
    await give('xena')
    await alice.ok('removeAssignment', { assignmentId: idOf('xena') })
    await engine.quiet()
  })
  afterAll(() => engine.close())

  const listed = async (status: readonly string[]): Promise<readonly string[]> =>
    (await alice.ok('listAssignments', { packageId, status })).items.map(
      ({ subjectId }) => subjectId,
    )

  it.each([
    ['Active', ['will', 'vic', 'tess']],
    ['Scheduled', ['uma']],
    ['PartiallyFulfilled', ['vic']],
    ['Expired', ['sam']],
  ])('of a package, filtered by %s', async (status, subjects) => {
    expect(await listed([status])).toEqual(subjects)
  })

  it('several filters together, and none: everything that there ever was, newest first', async () => {
    expect(await listed(['Expired', 'Scheduled'])).toEqual(['uma', 'sam'])
    const { items } = await alice.ok('listAssignments', { packageId })
    expect(items.map(({ subjectId }) => subjectId)).toEqual([
      'xena',
      'will',
      'vic',
      'uma',
      'tess',
      'sam',
    ])
    expect((await alice.refused('listAssignments', { status: ['Nonsense'] })).status).toBe(400)
  })

  it('page by page, and stable while others come in', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Answer<'listAssignments'> = await alice.ok('listAssignments', {
        packageId,
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      })
      seen.push(...page.items.map(({ subjectId }) => subjectId))
      cursor = page.next
      if (seen.length === 2) {
        await alice.ok('assignDirectly', { packageId, subjectId: 'yann', policyId: 'standard' })
        await alice.ok('removeAssignment', { assignmentId: idOf('tess') })
      }
    } while (cursor !== null)
    expect(seen).toEqual(['xena', 'will', 'vic', 'uma', 'tess', 'sam'])
  })

  it("one in full detail: policy, request, each role's delivery state, dates, history", async () => {
    const assignmentId = idOf('vic')
    const found = await alice.ok('getAssignment', { assignmentId })
    const madeAt = later(engine.clock.now(), { days: -1 })
    expect(found).toMatchObject({
      id: assignmentId,
      packageId,
      subjectId: 'vic',
      requestId: `${packageId}.vic.r1`,
      policyId: 'standard',
      policyVersion: 1,
      status: 'PartiallyDelivered',
      startAt: madeAt,
      endAt: null,
      settled: false,
      subject: { displayName: 'Vic Staff', email: 'vic@example.org' },
      policy: { id: 'standard', version: 1, displayName: 'Staff' },
      request: { id: `${packageId}.vic.r1`, status: 'Unfulfilled' },
    })
    expect(
      found.roles
        .map(({ id, delivery }) => ({ id, ...delivery }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ).toMatchObject([
      {
        id: 'crm.user.vic',
        state: 'Failed',
        deliveredAt: null,
        failure: { code: 'shaky.refused', message: 'says no', attempts: 1, nextTryAt: null },
      },
      { id: 'git.member.vic', state: 'Delivered', deliveredAt: madeAt, failure: null },
    ])
    expect(typesOf(found).slice(0, 3)).toEqual([
      'RequestSubmitted',
      'RequestAutoApproved',
      'AssignmentStarted',
    ])
  })

  it('the subject sees their own, others see nothing', async () => {
    const assignmentId = idOf('will')
    expect((await engine.as('will').ok('getAssignment', { assignmentId })).subjectId).toBe('will')
    expect((await engine.as('nora').refused('getAssignment', { assignmentId })).status).toBe(404)
    const { items } = await engine.as('will').ok('listAssignments', { packageId })
    expect(items.map(({ id }) => id)).toEqual([assignmentId])
  })

  it('CSV download of the filtered list, for spreadsheets: UTF-8 with a mark, RFC 4180', async () => {
    const { status, text, headers } = await alice.raw(
      'GET',
      `/v1/assignments.csv?packageId=${packageId}&status=Expired&status=PartiallyFulfilled`,
    )
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.csv"/)
    expect(headers.get('transfer-encoding')).toBe('chunked')
    // fetch takes the byte order mark away; the bytes have it.
    const raw = await fetch(`${engine.url}/v1/assignments.csv?packageId=${packageId}`, {
      headers: { authorization: `Bearer ${await engine.token('alice')}` },
    })
    expect([...new Uint8Array(await raw.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const rows = readCsv(text)
    expect(rows.map(({ subjectId, status: state }) => [subjectId, state])).toEqual([
      ['vic', 'PartiallyDelivered'],
      ['sam', 'Expired'],
    ])
    expect(rows[0]).toMatchObject({
      assignmentId: idOf('vic'),
      subjectName: 'Vic Staff',
      subjectEmail: 'vic@example.org',
      packageId,
      policyId: 'standard',
    })
  })

  it('safe against formula injection, and whole with quotes, commas and line ends', async () => {
    const displayName = '=HYPERLINK("http://evil.example","Click, please")\nand more'
    await alice.ok('changeAccessPackage', { packageId, displayName, description: '' })
    const { text } = await alice.raw(
      'GET',
      `/v1/assignments.csv?packageId=${packageId}&status=Expired`,
    )
    expect(readCsv(text)[0]?.packageName).toBe(`'${displayName}`)
    expect(text).not.toMatch(/(^|,|\n)"?[=+\-@]/m)
  })

  it('of what the caller may see: the subject gets their own, others an empty list', async () => {
    const subjects = async (id: string) =>
      readCsv((await engine.as(id).raw('GET', '/v1/assignments.csv')).text).map(
        ({ subjectId }) => subjectId,
      )
    expect(await subjects('will')).toEqual(['will'])
    expect(await subjects('nora')).toEqual([])
  })
})
