import { createScimConnector } from '@portcullis/provisioning'
import { type ScimServer, scimSilences, startScimServer } from '@portcullis/provisioning/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { reconcileBatch } from './batch.ts'

const { signal: never } = new AbortController()

describe('receipts of a SCIM service', () => {
  let engine: TestEngine
  let server: ScimServer
  let group: string
  beforeAll(async () => {
    engine = await openTestEngine()
    server = await startScimServer()
    group = server.addGroup('Wiki')
    server.addMember(server.addGroup('Staff'), 'somebody')
    await importOrganisation(engine.pool, {
      resources: ORGANISATION.resources.map((resource) =>
        resource.id === 'wiki' ? { ...resource, externalId: group } : resource,
      ),
    })
    await createPackage(engine, 'p')
  })
  afterAll(async () => {
    await server.close()
    await engine.close()
  })

  /** As a process that has just started does it: nothing is known but the log. */
  const reconcile = (subjectId: string) => {
    const { url: baseUrl, token } = server
    const scim = createScimConnector({ name: 'main', baseUrl, token, clock: engine.clock })
    const parts = { ...engine.parts, connectors: new Map([['main', scim]]) }
    return reconcileBatch(parts, [`p.${subjectId}`], never)
  }
  const remove = (subjectId: string) =>
    send(engine, subjectId, {
      type: 'RemoveAssignment',
      assignmentId: `p.${subjectId}.a1`,
      justification: null,
    })
  const said = async (subjectId: string) =>
    (await engine.events(`grant-wiki.member.${subjectId}`)).flatMap(({ type, data }) =>
      'receipt' in data
        ? [[type, data.receipt?.kind, ...('account' in data ? [data.account?.id] : [])]]
        : [],
    )

  it('are of the account that was granted to, renamed in user name and address since', async () => {
    const alice = server.addUser({ userName: 'alice', email: 'alice@example.com' })
    await submit(engine, 'p', 'alice')
    await reconcile('alice')
    expect(server.membersOf(group)).toEqual([alice])
    server.renameUser(alice, 'smith', 'smith@elsewhere.example')
    await remove('alice')
    await reconcile('alice')
    expect(server.membersOf(group)).toEqual([])
    expect(await said('alice')).toEqual([
      ['AccessProvisioned.v2', 'read-back', alice],
      ['AccessRevoked.v3', 'read-back'],
    ])
  })

  it('are of what a group has shown before, emptied by hand since, and refused since there is nobody', async () => {
    const dora = server.addUser({ userName: 'dora' })
    server.speak(scimSilences['refuses to filter by members'])
    await submit(engine, 'p', 'dora')
    await reconcile('dora')
    expect(server.membersOf(group)).toEqual([dora])
    server.removeMember(group, dora)
    server.fail({ status: 400, methods: ['PATCH'], times: Number.MAX_SAFE_INTEGER })
    await remove('dora')
    await reconcile('dora')
    server.heal()
    expect(await said('dora')).toEqual([
      ['AccessProvisioned.v2', 'read-back', dora],
      ['AccessRevoked.v3', 'read-back'],
    ])
  })

  it('say that its word counts where it tells nobody who is in a group', async () => {
    const anna = server.addUser({ userName: 'anna' })
    // Only this group does: another one shows its members.
    server.speak((answer, asked) =>
      asked.url.includes(group) ? scimSilences['lists nobody'](answer, asked) : answer,
    )
    await submit(engine, 'p', 'anna')
    await reconcile('anna')
    expect(server.membersOf(group)).toEqual([anna])
    expect(await engine.typesOf('entitlement-p.anna')).toContain('RolesDelivered.v1')
    await remove('anna')
    await reconcile('anna')
    expect(server.membersOf(group)).toEqual([])
    expect(await engine.typesOf('entitlement-p.anna')).toContain('RolesRevoked.v1')
    expect(await said('anna')).toEqual([
      ['AccessProvisioned.v2', 'acknowledged', anna],
      ['AccessRevoked.v3', 'acknowledged'],
    ])
  })

  it('are none while a removal is refused and nothing tells who is in the group', async () => {
    const carl = server.addUser({ userName: 'carl' })
    await submit(engine, 'p', 'carl')
    await reconcile('carl')
    server.fail({ status: 400, methods: ['PATCH'], times: Number.MAX_SAFE_INTEGER })
    await remove('carl')
    await reconcile('carl')
    server.heal()
    expect(server.membersOf(group)).toContain(carl)
    expect(await said('carl')).toEqual([['AccessProvisioned.v2', 'acknowledged', carl]])
  })

  it('are none for an account that nothing finds any more, until somebody sees to it', async () => {
    const ben = server.addUser({ userName: 'ben', externalId: 'somebody-else' })
    await submit(engine, 'p', 'ben')
    await reconcile('ben')
    expect(server.membersOf(group)).not.toContain(ben)
    expect(await said('ben')).toEqual([])
    const failures = (await engine.events('grant-wiki.member.ben')).flatMap(({ data }) =>
      'code' in data ? [data.code] : [],
    )
    expect(failures).toEqual(['scim.account-of-another'])
  })
})
