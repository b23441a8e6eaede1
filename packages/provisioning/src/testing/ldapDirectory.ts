import { Attribute, Change, Client, NoSuchObjectError } from 'ldapts'
import { ADMIN, type Slapd, SUFFIX, startSlapd } from './slapd.ts'

/** An OpenLDAP server with people and groups, and an account for the engine. */
export interface LdapDirectory extends Slapd {
  readonly url: string
  readonly bindDn: string
  readonly password: string
  readonly people: string
  readonly placeholder: string
  /** @returns its DN */
  addPerson(uid: string, attributes?: Readonly<Record<string, string | string[]>>): Promise<string>
  /** A group whose only member is the placeholder; posixGroup: without members. @returns its DN */
  addGroup(name: string, objectClass: string, below?: string): Promise<string>
  remove(dn: string): Promise<void>
  /** Renames or moves an entry. */
  move(dn: string, to: string): Promise<void>
  change(dn: string, attribute: string, values: readonly string[]): Promise<void>
  addMembers(group: string, attribute: string, members: readonly string[]): Promise<void>
  removeMember(group: string, attribute: string, member: string): Promise<void>
  /** What the group holds, without the placeholder. */
  membersOf(group: string, attribute: string): Promise<readonly string[]>
  setPassword(password: string): Promise<void>
}

/** @param options as for {@link startSlapd} */
export const startLdapDirectory = async (
  options: Parameters<typeof startSlapd>[0] = {},
): Promise<LdapDirectory> => {
  const slapd = await startSlapd(options)
  const url = `ldap://127.0.0.1:${slapd.port}`
  const people = `ou=people,${SUFFIX}`
  const bindDn = `cn=portcullis,${SUFFIX}`
  const placeholder = `cn=nobody,${SUFFIX}`
  const password = 'engine-secret-0123'
  // Each time anew: the server is killed in between.
  const asAdmin = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ url })
    try {
      await client.bind(ADMIN.dn, ADMIN.password)
      return await work(client)
    } finally {
      await client.unbind()
    }
  }
  const modify = (
    dn: string,
    operation: 'add' | 'delete' | 'replace',
    type: string,
    values: readonly string[],
  ) =>
    asAdmin((client) =>
      client.modify(
        dn,
        new Change({ operation, modification: new Attribute({ type, values: [...values] }) }),
      ),
    )
  await asAdmin(async (client) => {
    await client.add(SUFFIX, { objectClass: ['dcObject', 'organization'], dc: 'northwind', o: 'N' })
    for (const ou of ['people', 'groups', 'hidden', 'left', 'veiled'])
      await client.add(`ou=${ou},${SUFFIX}`, { objectClass: 'organizationalUnit' })
    await client.add(bindDn, {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      userPassword: password,
    })
  })
  return {
    ...slapd,
    url,
    bindDn,
    password,
    people,
    placeholder,
    addPerson: async (uid, attributes = {}) => {
      const dn = `uid=${uid.replace(/[,+"\\<>;=#]/g, '\\$&')},${people}`
      await asAdmin((client) =>
        client.add(dn, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, ...attributes }),
      )
      return dn
    },
    addGroup: async (name, objectClass, below = `ou=groups,${SUFFIX}`) => {
      const dn = `cn=${name},${below}`
      const members: Record<string, Record<string, string>> = {
        groupOfNames: { member: placeholder },
        groupOfUniqueNames: { uniqueMember: placeholder },
        posixGroup: { gidNumber: '1000' },
      }
      await asAdmin((client) => client.add(dn, { objectClass, ...members[objectClass] }))
      return dn
    },
    remove: (dn) => asAdmin((client) => client.del(dn)),
    move: (dn, to) => asAdmin((client) => client.modifyDN(dn, to)),
    change: (dn, attribute, values) => modify(dn, 'replace', attribute, values),
    addMembers: (group, attribute, members) => modify(group, 'add', attribute, members),
    removeMember: (group, attribute, member) => modify(group, 'delete', attribute, [member]),
    membersOf: (group, attribute) =>
      asAdmin(async (client) => {
        const found = await client
          .search(group, { scope: 'base', attributes: [attribute] })
          .catch((error: unknown) => {
            if (error instanceof NoSuchObjectError) return { searchEntries: [] }
            throw error
          })
        const values = [found.searchEntries[0]?.[attribute] ?? []].flat().map(String)
        return values.filter((value) => value !== placeholder)
      }),
    setPassword: (changed) => modify(bindDn, 'replace', 'userPassword', [changed]),
  }
}
