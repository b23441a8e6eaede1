import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../caller.ts'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, send, service, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { ViewsLagging } from '../viewsLagging.ts'

const PAGE = { limit: 50 }
const CALLERS = {
  admin: user('admin'),
  /** A service with a User administrator's role. */
  upstream: service('upstream', 'UserAdministrator'),
  /** Owns catalog tools. */
  olivia: user('olivia'),
  /** Manages packages in it. */
  manny: user('manny'),
  /** Owns another catalog. */
  creator: user('creator'),
  /** The subject, and a colleague with requests of her own. */
  alice: user('alice'),
  anna: user('anna'),
  /** An approver. */
  lea: user('lea'),
  stranger: user('stranger'),
  nobody: user('nobody'),
  /** A disabled User administrator. */
  gone: user('gone'),
  watcher: service('watcher'),
} as const satisfies Record<string, Caller>
type Name = keyof typeof CALLERS

describe('who sees what (S3, S20)', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    for (const [catalogId, owner] of [
      ['tools', 'olivia'],
      ['others', 'creator'],
    ] as const)
      await send(engine, owner, {
        type: 'CreateCatalog',
        catalogId,
        displayName: catalogId,
        description: '',
      })
    await send(engine, 'olivia', {
      type: 'AddPackageManager',
      catalogId: 'tools',
      personId: 'manny',
    })
    await createPackage(engine, 'open', { catalogId: 'tools' })
    await createPackage(engine, 'asked', { catalogId: 'tools', terms: exampleTerms() })
    await createPackage(engine, 'hidden', { catalogId: 'tools', hidden: true })
    await createPackage(engine, 'foreign', {
      catalogId: 'others',
      terms: openTerms({
        requestors: { kind: 'directory', principals: [{ kind: 'user', id: 'anna' }] },
      }),
    })
    await send(engine, 'admin', {
      type: 'AddPolicy',
      packageId: 'open',
      policyId: 'partners',
      enabled: true,
      terms: openTerms({ requestors: { kind: 'external', directoryIds: ['partner'] } }),
    })
    await submit(engine, 'open', 'alice')
    await submit(engine, 'asked', 'alice')
    await submit(engine, 'asked', 'anna')
    await engine.start()
    await engine.settle()
  })
  afterAll(() => engine.close())

  /** What each caller is answered; callers whose answer is empty are left out. */
  const seenBy = async (
    ask: (caller: Caller) => Promise<unknown>,
  ): Promise<Partial<Record<Name, unknown>>> => {
    const answers: Partial<Record<Name, unknown>> = {}
    for (const name of Object.keys(CALLERS) as Name[]) {
      const answer = await ask(CALLERS[name])
      const empty = answer === undefined || (Array.isArray(answer) && answer.length === 0)
      if (!empty) answers[name] = answer
    }
    return answers
  }
  /** Everyone of these is answered the same, all others nothing. */
  const same = (answer: unknown, ...names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, answer]))
  const ids = async (page: Promise<{ readonly items: readonly { readonly id: string }[] }>) =>
    (await page).items.map(({ id }) => id).sort()
  const idOf = async (one: Promise<{ readonly id: string } | undefined>) => (await one)?.id
  const app = () => engine.application

  it('catalogs: a User administrator all, owners and managers theirs', async () => {
    expect(await seenBy((caller) => ids(app().catalogs(caller, PAGE)))).toEqual({
      ...same(['default', 'others', 'tools'], 'admin', 'upstream'),
      ...same(['tools'], 'olivia', 'manny'),
      creator: ['others'],
    })
    expect(await seenBy((caller) => idOf(app().catalog(caller, 'tools')))).toEqual(
      same('tools', 'admin', 'upstream', 'olivia', 'manny'),
    )
  })

  it('packages: those of the catalogs that they manage', async () => {
    const tools = ['asked', 'hidden', 'open']
    expect(await seenBy((caller) => ids(app().packages(caller, PAGE)))).toEqual({
      ...same(['asked', 'foreign', 'hidden', 'open'], 'admin', 'upstream'),
      ...same(tools, 'olivia', 'manny'),
      creator: ['foreign'],
    })
    const inTools = { ...PAGE, catalogId: 'tools' }
    expect(await seenBy((caller) => ids(app().packages(caller, inTools)))).toEqual(
      same(tools, 'admin', 'upstream', 'olivia', 'manny'),
    )
  })

  it('one package: those who manage it; others by the link what a requestor needs (S23)', async () => {
    const policies = async (found: Promise<{ policies: readonly { id: string }[] } | undefined>) =>
      (await found)?.policies.map((policy) => policy.id)
    const managed = (id: string) => (caller: Caller) => policies(app().package(caller, id))
    const byLink = (id: string) => (caller: Caller) =>
      policies(app().requestablePackage(caller, id))
    expect(await seenBy(managed('open'))).toEqual(
      same(['standard', 'partners'], 'admin', 'upstream', 'olivia', 'manny'),
    )
    expect(await seenBy(byLink('open'))).toEqual(same(['standard'], 'alice', 'anna'))
    expect(await byLink('open')(user('xena'))).toEqual(['partners'])
    expect(await seenBy(byLink('hidden'))).toEqual(same(['standard'], 'alice', 'anna'))
    expect(await seenBy(managed('no-such'))).toEqual({})
    expect(await seenBy(byLink('no-such'))).toEqual({})
  })

  it('requestable: what an enabled policy offers, hidden ones not (S23)', async () => {
    expect(await seenBy((caller) => ids(app().requestable(caller, PAGE)))).toEqual({
      alice: ['asked', 'open'],
      anna: ['asked', 'foreign', 'open'],
    })
    expect(await ids(app().requestable(user('xena'), PAGE))).toEqual(['open'])
  })

  it('why: the subject and the package’s managers', async () => {
    const why = async (caller: Caller) => (await app().why(caller, 'asked', 'alice'))?.subjectName
    expect(await seenBy(why)).toEqual(
      same('Person alice', 'admin', 'upstream', 'olivia', 'manny', 'alice'),
    )
    expect(await app().why(user('admin'), 'no-such', 'alice')).toBeUndefined()
  })

  it('requests: of a package its managers, else one’s own and what waits for one', async () => {
    const ofAsked = { ...PAGE, packageId: 'asked' }
    const [own, all] = [['asked.alice.r1'], ['asked.alice.r1', 'asked.anna.r1']]
    expect(await seenBy((caller) => ids(app().requests(caller, ofAsked)))).toEqual({
      // What waits for Lea is hers to see as well.
      ...same(all, 'admin', 'upstream', 'olivia', 'manny', 'lea'),
      alice: own,
      anna: ['asked.anna.r1'],
    })
    const ofAlice = { ...PAGE, subjectId: 'alice' }
    expect(await seenBy((caller) => ids(app().requests(caller, ofAlice)))).toEqual({
      ...same(['asked.alice.r1', 'open.alice.r1'], 'admin', 'upstream', 'olivia', 'manny', 'alice'),
      lea: own,
    })
    const pending = { ...PAGE, status: ['PendingApproval'] as const }
    expect(await ids(app().requests(user('alice'), pending))).toEqual(own)
  })

  it('requests that wait for a decision: those who may take it now', async () => {
    const waiting = { ...PAGE, waitingForMe: true }
    expect(await seenBy((caller) => ids(app().requests(caller, waiting)))).toEqual({
      lea: ['asked.alice.r1', 'asked.anna.r1'],
    })
  })

  it('one request: the subject, its approvers, the package’s managers', async () => {
    expect(await seenBy((caller) => idOf(app().request(caller, 'asked.alice.r1')))).toEqual(
      same('asked.alice.r1', 'admin', 'upstream', 'olivia', 'manny', 'alice', 'lea'),
    )
    for (const id of ['asked.alice.r9', 'not an id'])
      expect(await seenBy((caller) => idOf(app().request(caller, id)))).toEqual({})
    await importOrganisation(engine.pool, {
      memberships: ORGANISATION.memberships.filter(({ personId }) => personId !== 'lea'),
    })
    expect(await app().request(user('lea'), 'asked.alice.r1')).toBeUndefined()
    await importOrganisation(engine.pool)
  })

  it('assignments: of a package its managers, else one’s own', async () => {
    const ofOpen = { ...PAGE, packageId: 'open' }
    for (const options of [ofOpen, { ...ofOpen, subjectId: 'alice' }])
      expect(await seenBy((caller) => ids(app().assignments(caller, options)))).toEqual(
        same(['open.alice.a1'], 'admin', 'upstream', 'olivia', 'manny', 'alice'),
      )
    expect(await seenBy((caller) => ids(app().assignments(caller, PAGE)))).toEqual(
      same(['open.alice.a1'], 'admin', 'upstream', 'olivia', 'manny', 'alice'),
    )
  })

  it('one assignment, with its roles and history: the subject and the managers', async () => {
    const one = async (caller: Caller) => {
      const found = await app().assignment(caller, 'open.alice.a1')
      return found && [found.roles.map(({ id }) => id), found.history.map(({ type }) => type)]
    }
    const history = [
      'RequestSubmitted.v1',
      'RequestAutoApproved.v1',
      'AssignmentStarted.v1',
      'RolesDelivered.v1',
    ]
    expect(await seenBy(one)).toEqual(
      same([['wiki.member.alice'], history], 'admin', 'upstream', 'olivia', 'manny', 'alice'),
    )
    expect(await app().assignment(user('admin'), 'open.alice.a9')).toBeUndefined()
    expect(await app().assignment(user('admin'), 'open.alice.r1')).toBeUndefined()
  })

  it('whoAmI: the person and their groups; of a disabled one no groups, of a service nobody', async () => {
    expect(await app().whoAmI(user('lea'))).toMatchObject({
      person: { id: 'lea' },
      groupIds: ['leads'],
    })
    expect(await app().whoAmI(user('gone'))).toMatchObject({
      person: { enabled: false },
      groupIds: [],
    })
    for (const caller of [user('nobody'), service('lea')])
      expect(await app().whoAmI(caller)).toEqual({ person: null, groupIds: [] })
  })

  it('goes with the role: who was a manager sees it no more, at once', async () => {
    const remove = { type: 'RemovePackageManager', catalogId: 'tools', personId: 'manny' } as const
    // Without waiting for the views.
    await send(engine, 'olivia', remove)
    expect(await app().package(CALLERS.manny, 'hidden')).toBeUndefined()
    expect(await app().assignment(CALLERS.manny, 'open.alice.a1')).toBeUndefined()
    expect(await ids(app().requests(CALLERS.manny, PAGE))).toEqual([])
    expect(await ids(app().packages(CALLERS.manny, PAGE))).toEqual([])
    expect(await ids(app().catalogs(CALLERS.manny, PAGE))).toEqual([])
  })

  it('says that the views lag, when they don’t get there in time', async () => {
    await expect(app().waitFor((await engine.store.head()) + 1n, 1)).rejects.toThrow(ViewsLagging)
  })
})
