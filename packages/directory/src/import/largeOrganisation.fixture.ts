/** An organisation that is large enough to lose much of. */
export const NOW = '2026-06-01T08:00:00.000Z'
export const LATER = '2026-06-02T08:00:00.000Z'

export const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, n) => n)
export const idOf = (n: number): string => `p${String(n).padStart(3, '0')}`
export const personLine = (n: number, more = ',true,'): string =>
  `${idOf(n)},${idOf(n)},Person ${n},${idOf(n)}@example.org${more}`
export const PEOPLE_HEAD = 'id,userName,displayName,email,enabled,directoryRoles'
export const csv = (head: string, lines: readonly string[]): string =>
  [head, ...lines, ''].join('\n')
export const people = (lines: readonly string[]): string => csv(PEOPLE_HEAD, [ADMIN, ...lines])
export const ADMIN = 'admin,admin,The admin,admin@example.org,true,UserAdministrator'
export const memberships = (lines: readonly string[]): string =>
  csv('groupId,personId,until', lines)

export const ALL = {
  'people.csv': people(numbers(40).map((n) => personLine(n))),
  'groups.csv': csv('id,displayName', ['staff,Staff', 'team,Team']),
  'memberships.csv': memberships([
    ...numbers(40).map((n) => `staff,${idOf(n)},`),
    ...numbers(12).map((n) => `team,${idOf(n)},`),
  ]),
  'resources.csv': csv(
    'id,kind,displayName,connector,externalId,ownerIds',
    numbers(15).map((n) => `r${n},application,R ${n},scim,x${n},${idOf(n)}`),
  ),
  'resource-roles.csv': csv(
    'resourceId,id,displayName,externalId',
    numbers(15).map((n) => `r${n},user,User,role${n}`),
  ),
  'external-directories.json': numbers(12).map((n) => ({
    id: `d${n}`,
    displayName: `D ${n}`,
    initialDomain: `d${n}.example`,
    domains: [`d${n}-too.example`],
  })),
}
