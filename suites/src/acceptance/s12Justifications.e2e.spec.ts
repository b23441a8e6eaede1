import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvedBy, givenPackage, request, untilRequest, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S12 Justifications', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const approval = approvedBy([user('bob')])

  it("the requestor's, required: a missing or blank one is refused and nothing is asked", async () => {
    const packageId = await givenPackage(engine, { requestorJustification: true, approval })
    const sam = engine.as('sam')
    for (const justification of [undefined, null, '', ' \n\t '])
      expect(
        await sam.refused('submitRequest', {
          packageId,
          ...(justification === undefined ? {} : { justification }),
        }),
      ).toMatchObject({ status: 400, code: 'request.justification-needed' })
    expect((await sam.ok('listRequests', { packageId })).items).toEqual([])
  })

  it("the requestor's is kept, and shown to approver, requestor and administrators", async () => {
    const packageId = await givenPackage(engine, { requestorJustification: true, approval })
    const mark = engine.mails.length
    const justification = 'I join the web team on Monday'
    const requestId = await request(engine.as('sam'), packageId, { justification })
    for (const id of ['sam', 'bob', 'alice'])
      expect((await engine.as(id).ok('getRequest', { requestId })).justification).toBe(
        justification,
      )
    await engine.quiet()
    expect(engine.mails[mark]?.text).toContain(justification)
  })

  it("the requestor's, not required: goes without, and is kept when it is given", async () => {
    const packageId = await givenPackage(engine, { approval })
    const [tess, uma] = [engine.as('tess'), engine.as('uma')]
    const without = await request(tess, packageId)
    const given = await request(uma, packageId, { justification: 'All the same' })
    expect((await tess.ok('getRequest', { requestId: without })).justification).toBeNull()
    expect((await uma.ok('getRequest', { requestId: given })).justification).toBe('All the same')
  })

  it("the approver's, required: approving without one is refused, denying is not", async () => {
    const packageId = await givenPackage(engine, {
      approval: approvedBy([user('bob')], { approverJustification: true }),
    })
    const [bob, vic, will] = [engine.as('bob'), engine.as('vic'), engine.as('will')]
    const requestId = await request(vic, packageId)
    for (const justification of [null, '', '  '])
      expect(await bob.refused('approveRequest', { requestId, justification })).toMatchObject({
        status: 400,
        code: 'approval.justification-needed',
      })
    expect((await vic.ok('getRequest', { requestId })).status).toBe('PendingApproval')
    await bob.ok('approveRequest', { requestId, justification: 'Agreed with the team' })
    const found = await untilRequest(vic, requestId, 'Fulfilled')
    expect(found.decisionJustification).toBe('Agreed with the team')
    const denied = await request(will, packageId)
    await bob.ok('denyRequest', { requestId: denied })
    expect((await will.ok('getRequest', { requestId: denied })).status).toBe('Denied')
  })

  it("the approver's, not required: goes without; given, it is kept and mailed", async () => {
    const packageId = await givenPackage(engine, { approval })
    const [bob, xena, yann] = [engine.as('bob'), engine.as('xena'), engine.as('yann')]
    const plain = await request(xena, packageId)
    await bob.ok('approveRequest', { requestId: plain })
    const found = await xena.ok('getRequest', { requestId: plain })
    expect([found.decidedBy, found.decisionJustification]).toEqual(['bob', null])
    const requestId = await request(yann, packageId)
    await bob.ok('denyRequest', { requestId, justification: 'Ask for the other package' })
    expect((await yann.ok('getRequest', { requestId })).decisionJustification).toBe(
      'Ask for the other package',
    )
    await engine.quiet()
    const mail = engine.mails.find(({ kind, to }) => kind === 'denied' && to === 'yann')
    expect(mail?.text).toContain('Ask for the other package')
  })

  const long = '𝕏'.repeat(10_000)
  it.each([
    ['nothing', ''],
    ['10,000 characters of two UTF-16 units each', long],
    ['right-to-left, combining, joined and old', 'שלום مرحبا e\u0301 👩🏽‍🚀 𒀀 \u{10ffff}'],
    ['line ends and tabs', 'one\n\ttwo\r\nthree'],
    ['what databases and spreadsheets choke on', `'; drop table x; -- =cmd()|'\\x00' %00 \u{feff}`],
  ])('keeps %s as it was written', async (_, justification) => {
    const packageId = await givenPackage(engine, { approval })
    const zoe = engine.as('zoe')
    const requestId = await request(zoe, packageId, { justification })
    await engine.as('bob').ok('denyRequest', { requestId, justification })
    await engine.quiet()
    const found = await zoe.ok('getRequest', { requestId })
    expect([found.justification, found.decisionJustification]).toEqual([
      justification,
      justification,
    ])
    const names = {
      displayName: justification.slice(0, 256) || 'x',
      description: justification.slice(0, 2000),
    }
    await engine.as('alice').ok('changeAccessPackage', { packageId, ...names })
    expect(await engine.as('alice').ok('getAccessPackage', { packageId })).toMatchObject(names)
  })

  it.each([
    ['10,001 characters', `${long}x`],
    ['a null', 'a\u0000b'],
    ['a bell', 'a\u0007b'],
    ['an escape', '\u001b[31m'],
    ['a delete', 'a\u007fb'],
    ['a next-line of C1', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['half a pair', '\ud83d'],
  ])('refuses %s, in justifications and in names', async (_, text) => {
    const packageId = await givenPackage(engine, { approval })
    expect(
      await engine.as('sam').refused('submitRequest', { packageId, justification: text }),
    ).toMatchObject({
      status: 400,
      code: 'input.invalid',
      errors: [{ path: 'body.justification' }],
    })
    const names = { displayName: text, description: '' }
    expect(
      await engine.as('alice').refused('changeAccessPackage', { packageId, ...names }),
    ).toMatchObject({ status: 400, code: 'input.invalid', errors: [{ path: 'body.displayName' }] })
  })
})
