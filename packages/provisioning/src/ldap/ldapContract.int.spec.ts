import { afterAll, describe } from 'vitest'
import {
  accessOf,
  type ConnectorUnderTest,
  describeConnectorContract,
  describeManyContract,
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
    const start = async (): Promise<LdapDirectory> => {
      const directory = await startLdapDirectory()
      for (const id of ids) await directory.addPerson(accessOf(id, '').subject.userName)
      return directory
    }
    afterAll(async () => (await started)?.stop())

    const underTest = async (groupKind: GroupKind): Promise<ConnectorUnderTest> => {
      started ??= start()
      const directory = await started
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

    for (const groupKind of ['groupOfNames', 'groupOfUniqueNames', 'posixGroup'] as const) {
      describeConnectorContract(`ldap ${groupKind}`, () => underTest(groupKind))
      describeManyContract(`ldap ${groupKind}`, () => underTest(groupKind))
    }
  },
)
