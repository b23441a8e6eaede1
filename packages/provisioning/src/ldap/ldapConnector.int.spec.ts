import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError, type Holder } from '../connector.ts'
import {
  accessOf,
  type LdapDirectory,
  slapdMissing,
  startLdapDirectory,
  statesOf,
} from '../testing/index.ts'
import { createLdapConnector, type LdapConnectorOptions } from './ldapConnector.ts'

const missing = slapdMissing()
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe.skipIf(missing !== undefined)(
  `ldap connector${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const { signal } = new AbortController()
    let directory: LdapDirectory
    let alice: string
    let groups = 0
    beforeAll(async () => {
      directory = await startLdapDirectory({ tls: true })
      alice = await directory.addPerson('alice@northwind.example', {
        mail: 'alice@mail.northwind.example',
        employeeNumber: 'alice',
      })
    })
    afterAll(() => directory.stop())

    const newGroup = (objectClass = 'groupOfNames', below?: string) => {
      groups += 1
      return directory.addGroup(`group-${groups}`, objectClass, below)
    }
    const connect = (options: Partial<LdapConnectorOptions> = {}) =>
      createLdapConnector({
        name: 'directory',
        url: directory.url,
        bindDn: directory.bindDn,
        password: directory.password,
        base: directory.people,
        groupKind: 'groupOfNames',
        placeholderMember: directory.placeholder,
        ...options,
      })
    const failure = async (call: Promise<unknown>): Promise<ConnectorError> => {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error instanceof ConnectorError) return error
      throw new Error(`not a ConnectorError: ${error}`)
    }

    describe('looking people up', () => {
      it.each([
        ['address', '(mail={email})'],
        ['id', '(&(objectClass=inetOrgPerson)(employeeNumber={id}))'],
        ['any of several', '(|(uid={email})(mail={email}))'],
      ])('finds them by %s', async (_, userFilter) => {
        const group = await newGroup()
        await connect({ userFilter }).grant(accessOf('alice', group), signal)
        expect(await directory.membersOf(group, 'member')).toEqual([alice])
      })

      it('lets no name say more than a name', async () => {
        const group = await newGroup()
        for (const userName of ['*', 'a*', 'x)(uid=*', '*)(|(uid=*', 'x\\2a', '\u0000', '(', ')']) {
          const access = accessOf('alice', group)
          const subject = { ...access.subject, userName }
          const error = await failure(connect().grant({ ...access, subject }, signal))
          expect([userName, error.code]).toEqual([userName, 'ldap.user-not-found'])
        }
        expect(await directory.membersOf(group, 'member')).toEqual([])
      })

      it('takes names with letters that mean something in DNs and filters', async () => {
        const names = ['o,brien', 'a+b', 'c\\d', '"e"', '#f', 'g*(h)', 'jürgen ß', '李', '<i>;=']
        for (const uid of names) await directory.addPerson(uid)
        for (const groupKind of ['groupOfNames', 'posixGroup'] as const) {
          // memberUid is an IA5String: letters of ASCII only.
          const known = names.filter((n) => groupKind === 'groupOfNames' || /^[ -~]*$/.test(n))
          const group = await newGroup(groupKind)
          const connector = connect({ groupKind })
          const accesses = known.map((userName) => {
            const access = accessOf(userName, group)
            return { ...access, subject: { ...access.subject, userName } }
          })
          for (const access of accesses) await connector.grant(access, signal)
          expect(statesOf((await connector.many?.readBack(accesses, signal)) ?? [])).toEqual(
            known.map(() => 'present'),
          )
          for (const access of accesses) await connector.revoke(access, signal)
          expect(statesOf((await connector.many?.readBack(accesses, signal)) ?? [])).toEqual(
            known.map(() => 'absent'),
          )
        }
      })

      it('does not choose between two', async () => {
        for (const uid of ['one', 'two']) await directory.addPerson(uid, { mail: 'both@x.example' })
        const access = accessOf('both', await newGroup())
        const subject = { ...access.subject, email: 'both@x.example' }
        const connector = connect({ userFilter: '(mail={email})' })
        for (const call of [connector.grant, connector.revoke, connector.readBack]) {
          expect(await failure(call({ ...access, subject }, signal))).toMatchObject({
            code: 'ldap.user-ambiguous',
            transient: false,
          })
        }
      })

      it('never takes a base that is not there for "nobody"', async () => {
        const connector = connect({ base: 'ou=nowhere,dc=northwind,dc=example' })
        const access = accessOf('alice', await newGroup())
        const failures = await Promise.all(
          [
            connector.probe(),
            connector.revoke(access, signal),
            connector.readBack(access, signal),
          ].map(failure),
        )
        for (const error of failures) expect(error).toMatchObject({ code: 'ldap.base-not-found' })
      })
    })

    describe('groups', () => {
      it('keeps a placeholder in a group that must not be empty', async () => {
        const group = await newGroup()
        await connect().grant(accessOf('alice', group), signal)
        const admin = connect({ placeholderMember: directory.placeholder })
        // As in a group that somebody else made.
        await directory.removeMember(group, 'member', directory.placeholder)
        expect(
          await failure(
            createLdapConnector({
              name: 'directory',
              url: directory.url,
              bindDn: directory.bindDn,
              password: directory.password,
              base: directory.people,
              groupKind: 'groupOfNames',
            }).revoke(accessOf('alice', group), signal),
          ),
        ).toMatchObject({ code: 'ldap.last-member', transient: false })
        await admin.revoke(accessOf('alice', group), signal)
        expect(await directory.membersOf(group, 'member')).toEqual([])
        expect(await admin.readBack(accessOf('alice', group), signal)).toMatchObject({
          state: 'absent',
        })
      })

      it('takes a group that is gone as revoked, and says so when granting', async () => {
        const group = await newGroup()
        await connect().grant(accessOf('alice', group), signal)
        await directory.remove(group)
        await connect().revoke(accessOf('alice', group), signal)
        expect(await connect().readBack(accessOf('alice', group), signal)).toMatchObject({
          state: 'absent',
        })
        expect(await failure(connect().grant(accessOf('alice', group), signal))).toMatchObject({
          code: 'ldap.group-not-found',
          transient: false,
        })
      })

      it('never takes a group that it may not see for "revoked"', async () => {
        const hidden = await newGroup('groupOfNames', 'ou=hidden,dc=northwind,dc=example')
        for (const group of [hidden, 'cn=x,dc=elsewhere', 'not a DN']) {
          const access = accessOf('alice', group)
          for (const call of [connect().grant, connect().revoke, connect().readBack]) {
            expect(await failure(call(access, signal))).toMatchObject({
              code: expect.stringMatching(/^ldap\.(group-not-found|forbidden)$/),
              transient: false,
            })
          }
        }
      })

      it.each([
        ['of another kind', () => newGroup('posixGroup'), 'ldap.add-refused'],
        ['that it may not change', async () => directory.people, 'ldap.forbidden'],
        ['without a name', async () => '', 'ldap.no-group'],
      ])('tells what is wrong with a group %s', async (_, group, code) => {
        const access = accessOf('alice', await group())
        expect(await failure(connect().grant(access, signal))).toMatchObject({
          code,
          transient: false,
        })
        expect(await connect().many?.grant([{ access, operationId: '1' }], signal)).toMatchObject([
          { code },
        ])
      })

      it('tells who is in, by what the directory knows of them', async () => {
        const group = await newGroup()
        const gone = 'uid=gone,ou=people,dc=northwind,dc=example'
        const many = Array.from({ length: 450 }, (_, n) => `uid=p${n},ou=people,dc=northwind`)
        await directory.addMembers(group, 'member', [alice, gone, ...many])
        const holders: Holder[] = []
        for await (const page of connect().holders?.(accessOf('x', group), signal) ?? []) {
          expect(page.length).toBeLessThanOrEqual(200)
          holders.push(...page)
        }
        expect(holders).toHaveLength(452)
        expect(holders.filter(({ userName }) => userName !== null)).toEqual([
          {
            subjectId: null,
            userName: 'alice@northwind.example',
            email: 'alice@mail.northwind.example',
            employeeNumber: 'alice',
            account: { id: expect.stringMatching(UUID), member: alice },
            label: alice,
          },
        ])
        expect(holders.map(({ label }) => label)).toContain(gone)
      })

      it('tells who is in a posixGroup', async () => {
        const group = await newGroup('posixGroup')
        await directory.addMembers(group, 'memberUid', ['alice@northwind.example', 'gone'])
        const connector = connect({
          groupKind: 'posixGroup',
          userFilter: '(&(uid={userName})(employeeNumber={id}))',
        })
        const holders: Holder[] = []
        for await (const page of connector.holders?.(accessOf('x', group), signal) ?? [])
          holders.push(...page)
        expect(holders.sort((a, b) => a.label.localeCompare(b.label))).toEqual([
          {
            subjectId: 'alice',
            userName: 'alice@northwind.example',
            email: 'alice@mail.northwind.example',
            // Where our id of the person is kept.
            employeeNumber: null,
            account: { id: expect.stringMatching(UUID), member: 'alice@northwind.example' },
            label: 'alice@northwind.example',
          },
          {
            subjectId: null,
            userName: 'gone',
            email: null,
            employeeNumber: null,
            account: { id: null, member: 'gone' },
            label: 'gone',
          },
        ])
      })
    })
  },
)
