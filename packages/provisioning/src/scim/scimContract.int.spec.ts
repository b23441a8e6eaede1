import {
  accessOf,
  describeConnectorContract,
  describeFaultRows,
  describeManyContract,
  type FaultyTarget,
  type ScimWay,
  scimLiberties,
  scimSilences,
  startScimServer,
} from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }

const underTest = async (
  options: Pick<ScimConnectorOptions, 'grantAs'> & {
    readonly versions?: 'meta' | 'header' | 'whole'
    readonly ways?: readonly ScimWay[]
    /** Ids are numbers, and lists come by seven. */
    readonly odd?: true
  },
): Promise<FaultyTarget> => {
  const server = await startScimServer()
  if (options.versions !== undefined) server.offerVersions(options.versions)
  for (const way of options.ways ?? []) server.speak(way)
  if (options.odd === true) {
    server.countIds()
    server.pageBy(7)
  }
  const attribute = options.grantAs === 'role' ? 'roles' : 'entitlements'
  const groups = options.grantAs === undefined
  const place = groups ? server.addGroup('Marketing') : 'marketing-reader'
  const other = groups ? server.addGroup('Marketing owners') : 'marketing-owner'
  const at = (subjectId: string, where: string) =>
    groups ? accessOf(subjectId, where, where) : accessOf(subjectId, 'marketing', where)
  const accesses = Array.from({ length: 12 }, (_, n) => at(`person-${n}`, place))
  const people = new Map(
    accesses.map(({ subject }) => [server.addUser({ userName: subject.userName }), subject.id]),
  )
  const idOf = (subjectId: string) =>
    [...people].find(([, person]) => person === subjectId)?.[0] ?? subjectId
  // Somebody has something: else nothing would show that the service shows who has what.
  const bystander = server.addUser({ userName: 'bystander' })
  server.addMember(server.addGroup('Everybody'), bystander)
  server.addValue(bystander, attribute, 'everybody')
  const make = () =>
    createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
      ...(options.grantAs === undefined ? {} : { grantAs: options.grantAs }),
    })
  return {
    connector: make(),
    second: make,
    accesses,
    otherRole: at('person-0', other),
    stranger: at('stranger', place),
    holders: async () =>
      (groups ? server.membersOf(place) : server.usersWith(attribute, place)).map(
        (id) => people.get(id) ?? id,
      ),
    break: async (kind) =>
      server.fail({ status: kind === 'for a while' ? 503 : 401, times: Number.MAX_SAFE_INTEGER }),
    repair: async () => server.heal(),
    faults: {
      'entry renamed': async ({ subject }) => server.renameUser(idOf(subject.id), 'renamed'),
      'name given to another': async ({ subject }) => {
        server.renameUser(idOf(subject.id), 'renamed')
        server.addUser({ userName: subject.userName, externalId: 'somebody-else' })
      },
      ...(groups ? { 'group deleted': async () => server.removeGroup(place) } : {}),
    },
    close: server.close,
  }
}

describeConnectorContract('scim, groups', () => underTest({}))
describeFaultRows('scim, groups', () => underTest({}))
describeFaultRows('scim, roles', () => underTest({ grantAs: 'role' }))
describeConnectorContract('scim, groups with versions', () => underTest({ versions: 'meta' }))
describeConnectorContract('scim, roles', () => underTest({ grantAs: 'role' }))
describeConnectorContract('scim, entitlements', () =>
  underTest({ grantAs: 'entitlement', versions: 'meta' }),
)
/** What a service may be like and still be told the truth of: beside the plain one. */
const kinds = {
  'versions in the header': { versions: 'whole' },
  'numbers as ids, pages of seven': { odd: true, ways: [scimLiberties['ids are numbers']] },
  'no filter by members': { ways: [scimSilences['refuses to filter by members']] },
  'a filter by members that finds nobody': { ways: [scimSilences['finds nobody by members']] },
} as const

for (const [kind, options] of Object.entries(kinds)) {
  describeConnectorContract(`scim, ${kind}`, () => underTest(options))
  describeManyContract(`scim, ${kind}`, () => underTest(options))
}
describeManyContract('scim', () => underTest({}))
describeManyContract('scim with versions', () => underTest({ versions: 'meta' }))
// Nothing else lists everybody there: so it can't be asked for the whole, and that is no part of this.
describeManyContract('scim, lists that are cut', () =>
  underTest({ ways: [scimSilences['lists the first three']] }),
)
