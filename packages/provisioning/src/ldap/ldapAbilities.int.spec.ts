import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accessOf, type LdapDirectory, slapdMissing, startLdapDirectory } from '../testing/index.ts'
import { createLdapConnector, type LdapConnectorOptions } from './ldapConnector.ts'
import { type GroupKind, groupKinds } from './ldapGroups.ts'

const missing = slapdMissing()
const VEILED = 'ou=veiled,dc=northwind,dc=example'

describe.skipIf(missing !== undefined)(
  `what a directory is found to do${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const signal = AbortSignal.timeout(60_000)
    let directory: LdapDirectory
    let made: string[] = []
    beforeAll(async () => {
      directory = await startLdapDirectory()
    })
    afterEach(async () => {
      for (const dn of made) await directory.remove(dn)
      made = []
    })
    afterAll(() => directory.stop())

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
    const found = async (options: Partial<LdapConnectorOptions> = {}) => {
      const connector = connect(options)
      const all = (await connector.abilities?.(signal)) ?? []
      await connector.close()
      return Object.fromEntries(
        all.map(({ ability, can, where }) => [
          ability,
          where === undefined ? can : `${can}: ${where}`,
        ]),
      )
    }
    const addPerson = async (uid: string) => {
      const dn = await directory.addPerson(uid)
      made.push(dn)
      return dn
    }
    const addGroup = async (name: string, kind: GroupKind = 'groupOfNames', member?: string) => {
      const dn = await directory.addGroup(name, kind)
      made.push(dn)
      if (member !== undefined) await directory.addMembers(dn, groupKinds[kind].attribute, [member])
      return dn
    }

    it.each(['groupOfNames', 'groupOfUniqueNames', 'posixGroup'] as const)(
      'is everything, where a %s shows everything, whatever other kinds hide',
      async (groupKind) => {
        const anna = await addPerson('anna')
        const other = groupKind === 'groupOfNames' ? 'groupOfUniqueNames' : 'groupOfNames'
        await addGroup('secret-other', other, anna)
        await addGroup('staff', groupKind, groupKind === 'posixGroup' ? 'anna' : anna)
        await addGroup('empty', groupKind)
        const before = await directory.membersOf(made[2] ?? '', groupKinds[groupKind].attribute)
        expect(await found({ groupKind })).toEqual({
          'list-members': 'yes',
          'show-stable-ids': 'yes',
          'read-back-by-stable-id': 'yes',
          'read-back': 'yes',
        })
        expect(await directory.membersOf(made[2] ?? '', groupKinds[groupKind].attribute)).toEqual(
          before,
        )
      },
    )

    it('is not known where there is nobody', async () => {
      const nothing = {
        'list-members': 'not known',
        'show-stable-ids': 'not known',
        'read-back-by-stable-id': 'not known',
        'read-back': 'not known',
      }
      expect(await found()).toEqual(nothing)
      await addGroup('empty', 'posixGroup')
      expect(await found({ groupKind: 'posixGroup' })).toEqual(nothing)
      // Its placeholder can be asked for.
      await addGroup('nobody')
      expect(await found()).toEqual({ ...nothing, 'read-back': 'yes' })
    })

    it.each(['groupOfNames', 'groupOfUniqueNames', 'posixGroup'] as const)(
      'is no reading back where one %s hides its members, as it turns out then',
      async (groupKind) => {
        const { userName } = accessOf('anna', '').subject
        const anna = await addPerson(userName)
        const member = groupKind === 'posixGroup' ? userName : anna
        await addGroup('staff', groupKind, member)
        const secret = await addGroup('secret', groupKind, member)
        expect(await found({ groupKind })).toEqual({
          'list-members': `no: ${secret}`,
          'show-stable-ids': 'yes',
          'read-back-by-stable-id': 'no',
          'read-back': `no: ${secret}`,
        })
        const connector = connect({ groupKind })
        expect(await connector.readBack(accessOf('anna', secret), signal)).toMatchObject({
          code: 'ldap.members-hidden',
          unreadable: true,
        })
        // Nor is anybody told to be gone who isn't found by names.
        expect(
          await connector.readBack(accessOf('nobody-else', secret), signal).then(
            ({ state }) => state,
            (error: unknown) => error,
          ),
        ).toMatchObject({ code: 'ldap.members-hidden' })
        await connector.close()
      },
    )

    it('is reading back where members are not listed, but told of when asked for', async () => {
      const group = await addGroup('discreet', 'groupOfNames', await addPerson('anna'))
      await addPerson('zoe')
      for (const member of ['anna', 'zoe']) {
        expect(await found({ userFilter: `(&(uid=${member})(uid={userName}))` })).toMatchObject({
          'list-members': `no: ${group}`,
          'read-back': 'yes',
        })
      }
    })

    it('is no reading back by ids where they are hidden', async () => {
      const anna = await addPerson('anna')
      await directory.move(anna, `uid=anna,${VEILED}`)
      made = [`uid=anna,${VEILED}`]
      await addGroup('staff', 'groupOfNames', `uid=anna,${VEILED}`)
      expect(await found({ base: VEILED })).toEqual({
        'list-members': 'yes',
        'show-stable-ids': `no: uid=anna,${VEILED}`,
        'read-back-by-stable-id': 'no',
        'read-back': 'yes',
      })
      // Some are: whose they are is named.
      await addPerson('bea')
      expect(await found({ base: 'dc=northwind,dc=example' })).toMatchObject({
        'show-stable-ids': `no: uid=anna,${VEILED}`,
        'read-back-by-stable-id': 'no',
      })
    })

    it('looks at some of many', async () => {
      const anna = await addPerson('anna')
      for (let index = 0; index < 45; index += 1) {
        await addGroup(`group-${index}`, 'groupOfNames', anna)
        await addPerson(`person-${index}`)
      }
      expect(await found()).toMatchObject({ 'list-members': 'yes', 'read-back': 'yes' })
    })
  },
)
