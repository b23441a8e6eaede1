import { grantId } from '@portcullis/domain'
import {
  startLdapDirectory,
  startScimServer,
  startWebhookReceiver,
} from '@portcullis/provisioning/testing'

/**
 * A target of the fault tests. A new kind plugs in by a function that starts its real server and returns this, and a
 * line in `faults.e2e.spec.ts`: the organisation, the packages, the proxy and all checks follow from it.
 */
export interface FaultTarget {
  /** Of its connector. */
  readonly name: string
  /** Of 127.0.0.1, where the real server listens. */
  readonly port: number
  /** Its entry of the connectors file, which reaches the server by another port: that of the faulty proxy. */
  configuration(port: number): object
  /** Where its secret is. */
  readonly env: Readonly<Record<string, string>>
  addPerson(person: { readonly id: string; readonly userName: string }): Promise<void>
  /** Makes a resource with the one role `member`. @returns its external id */
  addResource(id: string): Promise<string>
  /** What it holds, read without the connector: grant ids; one that is there twice is there twice. */
  memberships(): Promise<readonly string[]>
  close(): Promise<void>
}

/** Silence after which a connector gives up; the faults that are late are later. */
export const TIMEOUT_MILLIS = 1_000

/** One that tells of every change, however short it lasts. */
export interface WatchedTarget extends FaultTarget {
  /** `seen` is told who has the resource, as ids of people, right when that changes. */
  watch(seen: (resourceId: string, personIds: readonly string[]) => void): void
}

/** @param onRequest told of each request before anything is done about it */
export const scimTarget = async (onRequest?: () => void): Promise<WatchedTarget> => {
  const server = await startScimServer(onRequest)
  const people = new Map<string, string>()
  const groups = new Map<string, string>()
  return {
    name: 'scim',
    port: Number(new URL(server.url).port),
    configuration: (port) => ({
      name: 'scim',
      kind: 'scim',
      baseUrl: `http://127.0.0.1:${port}/scim`,
      tokenEnv: 'SCIM_TOKEN',
      timeoutMillis: TIMEOUT_MILLIS,
    }),
    env: { SCIM_TOKEN: server.token },
    addPerson: async ({ id, userName }) => {
      people.set(server.addUser({ userName }), id)
    },
    addResource: async (id) => {
      const group = server.addGroup(id)
      groups.set(id, group)
      return group
    },
    memberships: async () =>
      [...groups].flatMap(([id, group]) =>
        server.membersOf(group).map((user) => grantId(id, 'member', people.get(user) ?? user)),
      ),
    watch: (seen) =>
      server.watchGroups((group, users) => {
        const resource = [...groups].find(([, id]) => id === group)?.[0] ?? group
        seen(
          resource,
          users.map((user) => people.get(user) ?? user),
        )
      }),
    close: server.close,
  }
}

/** An HTTP server that checks signatures and can be asked who has what. */
export const webhookTarget = async (): Promise<FaultTarget> => {
  const receiver = await startWebhookReceiver()
  return {
    name: 'webhook',
    port: Number(new URL(receiver.url).port),
    configuration: (port) => ({
      name: 'webhook',
      kind: 'webhook',
      url: `http://127.0.0.1:${port}/access`,
      readBack: true,
      secretEnv: 'WEBHOOK_SECRET',
      timeoutMillis: TIMEOUT_MILLIS,
    }),
    env: { WEBHOOK_SECRET: receiver.secret },
    // It takes whomever and whatever it is told.
    addPerson: async () => {},
    addResource: async (id) => id,
    memberships: async () => receiver.holders(),
    close: receiver.close,
  }
}

/** Groups of names in OpenLDAP. */
export const ldapTarget = async (): Promise<FaultTarget> => {
  const directory = await startLdapDirectory()
  const people = new Map<string, string>()
  const groups = new Map<string, string>()
  return {
    name: 'ldap',
    port: directory.port,
    configuration: (port) => ({
      name: 'ldap',
      kind: 'ldap',
      url: `ldap://127.0.0.1:${port}`,
      bindDn: directory.bindDn,
      passwordEnv: 'LDAP_PASSWORD',
      base: directory.people,
      groupKind: 'groupOfNames',
      placeholderMember: directory.placeholder,
      timeoutMillis: TIMEOUT_MILLIS,
    }),
    env: { LDAP_PASSWORD: directory.password },
    addPerson: async ({ id, userName }) => {
      people.set(await directory.addPerson(userName), id)
    },
    addResource: async (id) => {
      const group = await directory.addGroup(id, 'groupOfNames')
      groups.set(id, group)
      return group
    },
    memberships: async () => {
      const held = [...groups].map(async ([id, group]) =>
        (await directory.membersOf(group, 'member')).map((dn) =>
          grantId(id, 'member', people.get(dn) ?? dn),
        ),
      )
      return (await Promise.all(held)).flat()
    },
    close: directory.stop,
  }
}
