import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Access, type Connector, ConnectorError, type TargetAccount } from '../connector.ts'
import { accessOf, type LdapDirectory, slapdMissing, startLdapDirectory } from '../testing/index.ts'
import { createLdapConnector } from './ldapConnector.ts'
import type { GroupKind } from './ldapGroups.ts'

const missing = slapdMissing()
const LEFT = 'ou=left,dc=northwind,dc=example'
const HIDDEN = 'ou=hidden,dc=northwind,dc=example'

/** What may happen to an account after a grant, and what is known of its access then. */
describe.skipIf(missing !== undefined)(
  `ldap accounts that change${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const { signal } = new AbortController()
    describe.each([
      ['follow entries (refint)', true],
      ['keep the names they were given', false],
    ])('in groups that %s', (_, refint) => {
      let directory: LdapDirectory
      let tests = 0
      beforeAll(async () => {
        directory = await startLdapDirectory({ refint })
      })
      afterAll(() => directory.stop())

      const connect = (groupKind: GroupKind = 'groupOfNames', userFilter?: string): Connector =>
        createLdapConnector({
          name: 'directory',
          url: directory.url,
          bindDn: directory.bindDn,
          password: directory.password,
          base: directory.people,
          groupKind,
          ...(userFilter === undefined ? {} : { userFilter }),
          placeholderMember: directory.placeholder,
        })
      const codeOf = async (call: Promise<unknown>): Promise<string> => {
        const error = await call.then(
          () => 'done',
          (reason: unknown) => reason,
        )
        return error instanceof ConnectorError ? error.code : String(error)
      }

      /** Two people in a group; what is asked later goes by what was kept of the first. */
      const granted = async (groupKind: GroupKind = 'groupOfNames', name = 'group') => {
        tests += 1
        const id = `tom${tests}`
        const group = await directory.addGroup(`${name}-${tests}`, groupKind)
        const plain = accessOf(id, group)
        const other = accessOf(`other${tests}`, group)
        const dn = await directory.addPerson(plain.subject.userName)
        const otherDn = await directory.addPerson(other.subject.userName)
        const connector = connect(groupKind)
        await connector.grant(other, signal)
        const answer = await connector.grant(plain, signal)
        if (answer === undefined || !('account' in answer)) throw new Error('no account was told')
        const access = withAccount(plain, answer.account)
        const attribute = groupKind === 'posixGroup' ? 'memberUid' : 'member'
        return {
          connector,
          dn,
          group,
          plain,
          other,
          otherDn,
          access,
          uid: plain.subject.userName,
          members: () => directory.membersOf(group, attribute),
        }
      }
      const withAccount = (access: Access, account: TargetAccount): Access => ({
        ...access,
        subject: { ...access.subject, account },
      })
      type Made = Awaited<ReturnType<typeof granted>>
      /** It is known to be there, it is taken out of the group, and nobody else is. */
      const isRemoved = async ({ connector, access, members, otherDn }: Made) => {
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'present' })
        await connector.revoke(access, signal)
        expect(await members()).toEqual([otherDn])
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'absent' })
        // As a second job does, and as many at once.
        expect(await connector.many?.revoke([{ access, operationId: '1' }], signal)).toEqual([
          undefined,
        ])
        expect(await members()).toEqual([otherDn])
      }

      it('moved to where nobody is looked for: it is followed', async () => {
        const made = await granted()
        await directory.move(made.dn, `uid=${made.uid},${LEFT}`)
        await isRemoved(made)
      })

      it('renamed: it is followed', async () => {
        const made = await granted()
        await directory.move(made.dn, `uid=new${made.uid},${directory.people}`)
        await isRemoved(made)
      })

      it('renamed, and its name given to somebody else: the newcomer is left alone', async () => {
        const made = await granted()
        await directory.move(made.dn, `uid=old${made.uid},${LEFT}`)
        const newcomer = await directory.addPerson(made.uid)
        expect(await made.connector.readBack(made.access, signal)).toMatchObject({
          // Without refint the group names the newcomer now: that is no access of the old account.
          state: refint ? 'present' : 'absent',
        })
        await made.connector.revoke(made.access, signal)
        expect((await made.members()).toSorted()).toEqual(
          (refint ? [made.otherDn] : [made.otherDn, newcomer]).toSorted(),
        )
      })

      it('deleted: what the group still names is taken out, and then it is gone', async () => {
        const made = await granted()
        await directory.remove(made.dn)
        expect(await made.connector.readBack(made.access, signal)).toMatchObject({
          state: refint ? 'absent' : 'present',
        })
        await made.connector.revoke(made.access, signal)
        expect(await made.members()).toEqual([made.otherDn])
        expect(await made.connector.readBack(made.access, signal)).toMatchObject({
          state: 'absent',
        })
      })

      it('deleted, and another made under its name: not granted to that one', async () => {
        const made = await granted()
        await directory.remove(made.dn)
        await directory.addPerson(made.uid)
        const { connector, access } = made
        expect(await codeOf(connector.grant(access, signal))).toBe('ldap.account-replaced')
        expect(await connector.many?.grant([{ access, operationId: '1' }], signal)).toMatchObject([
          { code: 'ldap.account-replaced' },
        ])
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'absent' })
      })

      it('deleted, and made again for the same person: granted, by their number', async () => {
        const made = await granted()
        await directory.remove(made.dn)
        const again = await directory.addPerson(made.uid, { employeeNumber: '17' })
        const subject = { ...made.access.subject, employeeNumber: '17' }
        const answer = await made.connector.grant({ ...made.access, subject }, signal)
        expect(answer).toMatchObject({ account: { member: again } })
        expect(await made.members()).toContain(again)
      })

      it('moved out of sight: it is not known, and nothing is told as done', async () => {
        const made = await granted()
        await directory.move(made.dn, `uid=${made.uid},${HIDDEN}`)
        const { connector, access } = made
        if (refint) {
          expect(await connector.readBack(access, signal)).toMatchObject({
            state: 'unknown',
            code: 'ldap.account-not-found',
            unreadable: false,
          })
          expect(await codeOf(connector.revoke(access, signal))).toBe('ldap.account-not-found')
          expect(await made.members()).toHaveLength(2)
        } else {
          // The group still has the name that was granted.
          await isRemoved(made)
        }
      })

      it('not found by name, and none was kept: not known, as long as anybody is in the group', async () => {
        const made = await granted()
        await directory.move(made.dn, `uid=${made.uid},${LEFT}`)
        const { connector, plain, other } = made
        expect(await connector.readBack(plain, signal)).toMatchObject({
          state: 'unknown',
          code: 'ldap.user-not-found',
        })
        expect(await codeOf(connector.revoke(plain, signal))).toBe('ldap.user-not-found')
        await connector.revoke(made.access, signal)
        await connector.revoke(other, signal)
        expect(await connector.readBack(plain, signal)).toMatchObject({ state: 'absent' })
        expect(await codeOf(connector.revoke(plain, signal))).toBe('done')
      })

      it('in a group whose members are hidden: not known, but changed', async () => {
        const made = await granted('groupOfNames', 'secret')
        const { connector, access, plain, members } = made
        for (const asked of [access, plain])
          expect(await connector.readBack(asked, signal)).toMatchObject({
            state: 'unknown',
            code: 'ldap.members-hidden',
            unreadable: true,
          })
        await connector.revoke(access, signal)
        expect(await members()).toEqual([made.otherDn])
        const { resource, role } = access
        const listed = connector.holders?.({ resource, role }, signal)[Symbol.asyncIterator]()
        expect(await codeOf(listed?.next() ?? Promise.resolve())).toBe('ldap.members-hidden')
      })

      it('in a group that is deleted: gone', async () => {
        const made = await granted()
        await directory.remove(made.group)
        const { connector, access } = made
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'absent' })
        expect(await codeOf(connector.revoke(access, signal))).toBe('done')
      })

      it('in a group that is renamed: not gone, and not told as removed', async () => {
        const made = await granted()
        const renamed = `cn=now-${made.uid},ou=groups,dc=northwind,dc=example`
        await directory.move(made.group, renamed)
        const { connector, access } = made
        expect(await codeOf(connector.readBack(access, signal))).toBe('ldap.group-moved')
        expect(await codeOf(connector.revoke(access, signal))).toBe('ldap.group-moved')
        expect(await connector.many?.revoke([{ access, operationId: '1' }], signal)).toMatchObject([
          { code: 'ldap.group-moved' },
        ])
        expect(await directory.membersOf(renamed, 'member')).toHaveLength(2)
        const corrected = { ...access, resource: { ...access.resource, externalId: renamed } }
        await connector.revoke(corrected, signal)
        expect(await directory.membersOf(renamed, 'member')).toEqual([made.otherDn])
        expect(await connector.readBack(corrected, signal)).toMatchObject({ state: 'absent' })
      })

      it('renamed, in a posixGroup, which keeps the old name: that one is taken out', async () => {
        const made = await granted('posixGroup')
        await directory.move(made.dn, `uid=new${made.uid},${LEFT}`)
        const { connector, access, members } = made
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'present' })
        await connector.revoke(access, signal)
        expect(await members()).toEqual([made.other.subject.userName])
        expect(await connector.readBack(access, signal)).toMatchObject({ state: 'absent' })
      })

      it('whose number is somebody else’s is nobody’s to grant, look at or revoke by name', async () => {
        const made = await granted()
        await directory.change(made.dn, 'employeeNumber', ['18'])
        const { connector, plain } = made
        const access = { ...plain, subject: { ...plain.subject, employeeNumber: '17' } }
        for (const call of [connector.grant, connector.revoke, connector.readBack])
          expect(await codeOf(call(access, signal))).toBe('ldap.account-of-another')
        const shared = { ...plain, subject: { ...plain.subject, userNameShared: true } }
        for (const call of [connector.grant, connector.revoke, connector.readBack])
          expect(await codeOf(call(shared, signal))).toBe('ldap.user-name-shared')
        const byAddress = connect('groupOfNames', '(|(uid={userName})(mail={email}))')
        await directory.change(made.otherDn, 'mail', ['team@example.com'])
        const nameless = { ...plain.subject, userName: 'nobody', email: 'team@example.com' }
        const team = { ...plain, subject: { ...nameless, emailShared: true } }
        for (const call of [byAddress.grant, byAddress.revoke, byAddress.readBack])
          expect(await codeOf(call(team, signal))).toBe('ldap.email-shared')
        await byAddress.grant({ ...team, subject: nameless }, signal)
        await byAddress.grant(
          { ...team, subject: { ...team.subject, userName: made.other.subject.userName } },
          signal,
        )
        expect(await made.members()).toHaveLength(2)
      })
    })
  },
)
