import { afterAll, describe } from 'vitest'
import type { Access } from '../connector.ts'
import {
  accessOf,
  type ConnectorUnderTest,
  describeConnectorContract,
  describeFaultRows,
  describeManyContract,
  type FaultyTarget,
  type LdapDirectory,
  slapdMissing,
  startLdapDirectory,
} from '../testing/index.ts'
import { createLdapConnector } from './ldapConnector.ts'
import { type GroupKind, groupKinds } from './ldapGroups.ts'

const missing = slapdMissing()

describe.skipIf(missing !== undefined)(
  `on OpenLDAP${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    // One server for all; each test has groups of its own.
    let started: Promise<LdapDirectory> | undefined
    let tests = 0
    const ids = Array.from({ length: 12 }, (_, n) => `person-${n}`)
    const start = async (refint = false): Promise<LdapDirectory> => {
      const directory = await startLdapDirectory({ refint })
      for (const id of ids) await directory.addPerson(accessOf(id, '').subject.userName)
      return directory
    }
    afterAll(async () => (await started)?.stop())

    const underTest = async (groupKind: GroupKind): Promise<ConnectorUnderTest> => {
      started ??= start()
      return await targetIn(await started, groupKind)
    }
    const targetIn = async (
      directory: LdapDirectory,
      groupKind: GroupKind,
    ): Promise<ConnectorUnderTest> => {
      tests += 1
      const group = await directory.addGroup(`members-${tests}`, groupKind)
      const other = await directory.addGroup(`owners-${tests}`, groupKind)
      const { attribute, by } = groupKinds[groupKind]
      const idOf = (member: string) =>
        ids.find((id) => {
          const { userName } = accessOf(id, group).subject
          return member === (by === 'uid' ? userName : `uid=${userName},${directory.people}`)
        }) ?? member
      const make = () =>
        createLdapConnector({
          name: 'directory',
          url: directory.url,
          bindDn: directory.bindDn,
          password: directory.password,
          base: directory.people,
          groupKind,
          placeholderMember: directory.placeholder,
        })
      return {
        connector: make(),
        second: make,
        accesses: ids.map((id) => accessOf(id, group)),
        otherRole: accessOf('person-0', other, 'owner'),
        stranger: accessOf('stranger', group),
        holders: async () => (await directory.membersOf(group, attribute)).map(idOf),
        break: async (kind) => {
          if (kind === 'until corrected') await directory.setPassword('another-secret')
          // Connections that are bound already would stay so.
          await directory.kill()
          if (kind === 'until corrected') await directory.start()
        },
        repair: async () => {
          await directory.kill()
          await directory.start()
          await directory.setPassword(directory.password)
        },
        close: async () => {},
      }
    }

    /** A server of its own, since its people change. */
    const faultyTarget = async (groupKind: GroupKind): Promise<FaultyTarget> => {
      const directory = await start(true)
      const target = await targetIn(directory, groupKind)
      const groupOf = ({ resource }: Access) => resource.externalId
      const dnOf = ({ subject }: Access, below = directory.people, before = '') =>
        `uid=${before}${subject.userName},${below}`
      const left = 'ou=left,dc=northwind,dc=example'
      const renamed = 'cn=renamed,ou=groups,dc=northwind,dc=example'
      const { attribute, by } = groupKinds[groupKind]
      let group = groupOf(target.accesses[0] ?? target.otherRole)
      return {
        ...target,
        holders: async () =>
          (await directory.membersOf(group, attribute)).map((member) => {
            const access = target.accesses.find((each) =>
              by === 'uid' ? member === each.subject.userName : member === dnOf(each),
            )
            return access?.subject.id ?? member
          }),
        faults: {
          'entry moved': (access) => directory.move(dnOf(access), dnOf(access, left)),
          'entry renamed': (access) =>
            directory.move(dnOf(access), dnOf(access, directory.people, 'new-')),
          'account deleted': (access) => directory.remove(dnOf(access)),
          'group deleted': () => directory.remove(group),
          'group renamed': async () => {
            await directory.move(group, renamed)
            group = renamed
          },
          // A posixGroup names the newcomer from then on: that is no access of the old account.
          ...(by === 'uid'
            ? {}
            : {
                'name given to another': async (access) => {
                  await directory.move(dnOf(access), dnOf(access, left))
                  await directory.addPerson(access.subject.userName, { employeeNumber: '18' })
                },
              }),
        },
        close: () => directory.stop(),
      }
    }

    for (const groupKind of ['groupOfNames', 'groupOfUniqueNames', 'posixGroup'] as const) {
      describeConnectorContract(`ldap ${groupKind}`, () => underTest(groupKind))
      describeManyContract(`ldap ${groupKind}`, () => underTest(groupKind))
      describeFaultRows(`ldap ${groupKind}`, () => faultyTarget(groupKind))
    }
  },
)
