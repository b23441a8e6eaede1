import { randomUUID } from 'node:crypto'
import { deriveId, type EventMetadata, eventId, NO_STREAM, storedCommandId } from '@portcullis/core'
import { deadlineKey } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApplication } from '../application.ts'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, execute, openTerms, refusalOf, send, service } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const HOURS = { kind: 'afterHours', hours: 2 } as const

describe('who sent a command, and what it asked for', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    await createPackage(engine, 'one', { terms: openTerms({ expiration: HOURS }) })
    await createPackage(engine, 'two')
    await createPackage(engine, 'asked', { terms: exampleTerms() })
    await engine.start()
  })
  afterAll(() => engine.close())

  const ask = (packageId: string, subjectId: string) =>
    ({ type: 'SubmitRequest', packageId, subjectId, policyId: null, justification: null }) as const
  /** Another process, which remembers nothing of what this one did. */
  const elsewhere = () => ({ ...engine, application: createApplication(engine) })

  it('across streams: one key asks for one thing, in this process at once, in others as soon as the view shows it', async () => {
    const key = randomUUID()
    const first = await send(engine, 'alice', ask('one', 'alice'), key)
    expect(await refusalOf(engine, 'alice', ask('two', 'alice'), key)).toBe('command.key-reused')
    await engine.caughtUp()
    const other = elsewhere()
    expect(await refusalOf(other, 'alice', ask('two', 'alice'), key)).toBe('command.key-reused')
    const removal = {
      type: 'RemoveAssignment',
      assignmentId: 'one.alice.a1',
      justification: null,
    } as const
    expect(await refusalOf(other, 'alice', removal, key)).toBe('command.key-reused')
    expect(await engine.typesOf('entitlement-two.alice')).toEqual([])
    expect(await send(other, 'alice', ask('one', 'alice'), key)).toEqual({
      ...first,
      repeated: true,
    })
    // Sent by a portal it is the portal's own, and whatever the rules say of it.
    expect((await execute(other, service('alice'), ask('two', 'alice'), key)).ok).toBe(true)
  })

  it('within a stream exactly, also where one of them is a step of a command over many', async () => {
    const key = randomUUID()
    const shared = {
      packageId: 'two',
      policyId: 'standard',
      startAt: null,
      endAt: null,
      justification: null,
    }
    const caller = { actor: { kind: 'user', id: 'admin' }, directoryRoles: [] } as const
    const many = { ...shared, subjectIds: ['dora', 'anna'] }
    expect(await engine.application.assignMany(many, { commandId: key, caller })).toMatchObject({
      accepted: 2,
    })
    const one = { type: 'AssignDirectly', ...shared, subjectId: 'dora' } as const
    // No memory and no view: the stream says it.
    const views = { ...engine.views, digestOfCommand: async () => undefined }
    const blind = { ...engine, application: createApplication({ ...engine, views }) }
    expect(await refusalOf(blind, 'admin', one, key)).toBe('command.key-reused')
  })

  it('side by side in one process: one is done, the other told', async () => {
    const key = randomUUID()
    const answers = await Promise.all(
      ['one', 'two'].map((packageId) => execute(engine, 'anna', ask(packageId, 'anna'), key)),
    )
    expect(answers.map((answer) => (answer.ok ? 'done' : answer.refusal.code)).sort()).toEqual([
      'command.key-reused',
      'done',
    ])
  })

  it('a key of which nothing came may be used for something else: refused, or nothing to do', async () => {
    const key = randomUUID()
    expect(await refusalOf(engine, 'stranger', ask('one', 'stranger'), key)).not.toBe(
      'command.key-reused',
    )
    const owner = { type: 'RemoveCatalogOwner', catalogId: 'default', personId: 'bob' } as const
    const head = await engine.store.head()
    await send(engine, 'admin', owner, key)
    expect(await engine.store.head()).toBe(head)
    await send(engine, 'admin', { ...owner, type: 'AddCatalogOwner' }, key)
    expect(await engine.store.head()).toBe(head + 1n)
  })

  it('the order of properties says nothing', async () => {
    const key = randomUUID()
    await send(engine, 'ben', ask('one', 'ben'), key)
    const turned = Object.fromEntries(Object.entries(ask('one', 'ben')).reverse())
    const again = await send(engine, 'ben', turned as ReturnType<typeof ask>, key)
    expect(again.repeated).toBe(true)
  })

  it('who has lost the role is told what they were told; who is disabled learns nothing', async () => {
    const catalogId = 'lost'
    await send(engine, 'olivia', {
      type: 'CreateCatalog',
      catalogId,
      displayName: 'L',
      description: '',
    })
    await send(engine, 'olivia', { type: 'AddCatalogOwner', catalogId, personId: 'manny' })
    const key = randomUUID()
    const add = { type: 'AddPackageManager', catalogId, personId: 'lea' } as const
    const first = await send(engine, 'manny', add, key)
    await send(engine, 'olivia', { type: 'RemoveCatalogOwner', catalogId, personId: 'manny' })
    expect(await send(engine, 'manny', add, key)).toEqual({ ...first, repeated: true })
    expect(await refusalOf(engine, 'manny', add)).toBe('catalog.forbidden')
    expect(await refusalOf(engine, 'stranger', add, key)).toBe('catalog.forbidden')
    const people = ORGANISATION.people.map((person) =>
      person.id === 'manny' ? { ...person, enabled: false } : person,
    )
    await importOrganisation(engine.pool, { ...ORGANISATION, people })
    expect(await refusalOf(engine, 'manny', add, key)).toBe('actor.unknown')
    const other = { ...add, personId: 'leo' }
    expect(await refusalOf(engine, 'manny', other, key)).toBe('actor.unknown')
    await importOrganisation(engine.pool)
  })

  describe('in a log from before keys were derived', () => {
    /** What somebody did under a raw key, as it was stored then. */
    const asBefore = async (stream: string, from: string, key: string, subject: string) => {
      const events = await engine.events(stream)
      const metadata: EventMetadata = {
        commandId: key,
        correlationId: key,
        actor: { kind: 'user', id: subject },
        at: engine.clock.now(),
      }
      const copy = stream.replace(from, subject)
      await engine.store.append(
        copy,
        NO_STREAM,
        events.slice(0, 3).map(({ type, data }, index) => ({
          type,
          data: JSON.parse(JSON.stringify(data).replaceAll(from, subject)),
          id: eventId(key, copy, index),
          metadata,
        })),
      )
    }

    it('the same sender repeats their command, and nobody else', async () => {
      await send(engine, 'carl', ask('asked', 'carl'))
      const key = randomUUID()
      await asBefore('entitlement-asked.carl', 'carl', key, 'dora')
      const again = await send(engine, 'dora', ask('asked', 'dora'), key)
      expect([again.repeated, again.result.requestId]).toEqual([true, 'asked.dora.r1'])
      expect(await refusalOf(engine, service('dora'), ask('asked', 'dora'), key)).toBe(
        'request.already-pending',
      )
    })

    it('an end comes, also where the subject has sent its id before', async () => {
      await send(engine, 'emil', ask('one', 'emil'))
      const assignmentId = 'one.bob.a1'
      const end = deriveId('deadline', deadlineKey({ kind: 'expiry', assignmentId, endVersion: 1 }))
      await asBefore('entitlement-one.emil', 'emil', end, 'bob')
      await engine.settle()
      expect(engine.main.held()).toContain('wiki.member.bob')
      await engine.settleUntil(
        new Date(Date.parse(engine.clock.now()) + 3 * 3_600_000).toISOString(),
      )
      expect(await engine.typesOf('entitlement-one.bob')).toContain('AssignmentEnded.v2')
      expect(engine.main.held()).not.toContain('wiki.member.bob')
    })
  })

  it('the log names the derived id; steps in other streams name the whole command’s too', async () => {
    const key = randomUUID()
    const admin = { kind: 'user', id: 'admin' } as const
    const roles = [{ resourceId: 'crm', roleId: 'member' }]
    await send(
      engine,
      'admin',
      {
        type: 'CreateAccessPackage',
        packageId: 'stepped',
        catalogId: 'default',
        displayName: 'Stepped',
        description: '',
        hidden: false,
        resourceRoles: roles,
        policies: [],
      },
      key,
    )
    const [made] = await engine.events('accessPackage-stepped')
    const joined = (await engine.events('catalog-default')).at(-1)
    expect(made?.metadata).toMatchObject({ commandId: storedCommandId(admin, key) })
    expect(joined?.metadata).toMatchObject({
      commandId: storedCommandId(admin, key, ['add-resource', 'crm']),
      outerId: storedCommandId(admin, key),
      digest: made?.metadata.digest,
    })
  })
})
