import type { Clock } from '@portcullis/core'
import {
  type Access,
  type Connector,
  ConnectorError,
  type ManyAtOnce,
  type Operation,
  type TargetRole,
} from '../connector.ts'
import type { Sleep } from '../http/pace.ts'
import { targetUrl } from '../http/targetUrl.ts'
import { checkMost, unlessAllFailed } from '../many.ts'
import { scimAbilities } from './scimAbilities.ts'
import { createScimAccess } from './scimAccess.ts'
import { type LookUpAttribute, lookUpAttributes } from './scimAccounts.ts'
import { groupHolders } from './scimHolders.ts'
import { createScimHttp, readAs, ScimRefusal } from './scimHttp.ts'
import { createMemberships } from './scimMembership.ts'
import { listSchema } from './scimMessages.ts'
import { createScimPatch } from './scimPatch.ts'
import { groupPlaces, valuePlaces } from './scimPlaces.ts'
import { valueHolders } from './scimValues.ts'

export const grantAsKinds = ['group', 'role', 'entitlement'] as const
export type GrantAs = (typeof grantAsKinds)[number]

export interface ScimConnectorOptions {
  readonly name: string
  /**
   * Of the SCIM service, such as `https://idm.example.com/scim/v2`. Plain http only to this machine itself: the token
   * would be readable.
   */
  readonly baseUrl: string
  /** Bearer token (RFC 6750). */
  readonly token: string
  readonly clock: Clock
  /** Make an account for a subject that has none; otherwise that is the error `scim.user-not-found`. Default false. */
  readonly createUsers?: boolean
  /**
   * What a resource role is in the target: membership in a group, or a value of the account's `roles` (an app role) or
   * `entitlements` (RFC 7643 §4.1.2). Default `group`.
   */
  readonly grantAs?: GrantAs
  /**
   * Whose external id the group or the value is: the resource's (a resource with one role), or the role's own
   * (an application with several roles). Default: `resource` for groups, `role` for the others.
   */
  readonly groupOf?: 'resource' | 'role'
  /**
   * What accounts are looked up by when the user name finds none. Default: both. Leave out what the target can't be
   * searched by; an account that was renamed there is then taken for absent, unless something else finds it.
   */
  readonly alsoLookUpBy?: readonly LookUpAttribute[]
  /** In one PATCH. Default 100. */
  readonly membersPerPatch?: number
  /** For one exchange. Default 30,000. */
  readonly timeoutMillis?: number
  /** Default 8 MiB. */
  readonly maxAnswerBytes?: number
  /** How the target's pace is kept to. Default: real timers. */
  readonly sleep?: Sleep
}

/**
 * Grants by membership in groups, or by roles or entitlements of accounts, of a SCIM 2.0 service (RFC 7643, RFC 7644).
 * @throws ConnectorError `scim.configuration` at once when baseUrl or token can't be used
 */
export const createScimConnector = (options: ScimConnectorOptions): Connector => {
  const http = createScimHttp({
    baseUrl: usableBaseUrl(options.baseUrl),
    token: usableToken(options.token),
    clock: options.clock,
    timeoutMillis: options.timeoutMillis ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 8 * 1024 * 1024,
    ...(options.sleep === undefined ? {} : { sleep: options.sleep }),
  })
  const memberships = createMemberships(http, options.clock)
  const scim = { http, patch: createScimPatch(http), memberships }
  const { grantAs = 'group', alsoLookUpBy: by = lookUpAttributes } = options
  const groupOf = options.groupOf ?? (grantAs === 'group' ? 'resource' : 'role')
  /** Undefined: groups. */
  const attribute = ({ group: undefined, role: 'roles', entitlement: 'entitlements' } as const)[
    grantAs
  ]

  /** Id of the group, or the value. */
  const placeOf = ({ resource, role }: TargetRole): string => {
    const place = groupOf === 'role' ? role.externalId : resource.externalId
    if (place !== '') return place
    throw new ConnectorError(
      'scim.no-group',
      `the ${groupOf} has no externalId, so no ${grantAs} of the target; import it with one, then reprocess`,
      { transient: false },
    )
  }

  const access = createScimAccess({
    http,
    places: attribute === undefined ? groupPlaces(scim) : valuePlaces(scim, attribute),
    placeOf,
    by,
    createUsers: options.createUsers ?? false,
  })

  const most = options.membersPerPatch ?? 100
  const accessesOf = (operations: readonly Operation[]): readonly Access[] => {
    checkMost(operations, most)
    return operations.map((operation) => operation.access)
  }
  const many: ManyAtOnce = {
    most,
    readBack: async (accesses, signal) => {
      checkMost(accesses, most)
      return unlessAllFailed(await access.readBack(accesses, signal), concernsAll)
    },
    grant: async (operations, signal) =>
      unlessAllFailed(await access.grant(accessesOf(operations), signal), concernsAll),
    revoke: async (operations, signal) =>
      unlessAllFailed(await access.revoke(accessesOf(operations), signal), concernsAll),
  }

  return {
    name: options.name,
    probe: async () => {
      const signal = AbortSignal.timeout(60_000)
      try {
        readAs(listSchema, await http({ method: 'GET', path: '/Users?count=1', signal }))
      } catch (error) {
        if (!(error instanceof ScimRefusal)) throw error
        throw new ConnectorError(
          'scim.configuration',
          `${error.message}; check the connector's baseUrl`,
          { transient: false },
        )
      }
    },
    abilities: (signal) => scimAbilities(http, attribute, by, signal),
    readBack: async (one, signal) => theOnly(await access.readBack([one], signal)),
    grant: async (one, signal) => theOnly(await access.grant([one], signal)),
    revoke: async (one, signal) => theOnly(await access.revoke([one], signal)),
    // One account is one PATCH: roles and entitlements have nothing to take many by.
    ...(attribute === undefined ? { many } : {}),
    async *holders(role, signal) {
      signal.throwIfAborted()
      if (attribute === undefined) yield* groupHolders(scim, placeOf(role), signal)
      else yield* valueHolders(http, { attribute, value: placeOf(role), signal })
    },
    close: async () => {},
  }
}

/** @throws ConnectorError where that is the answer */
const theOnly = <Answer>([answer]: readonly (Answer | ConnectorError)[]): Answer => {
  if (answer instanceof ConnectorError) throw answer
  return answer as Answer
}

/** Failures that no other access of the same call would escape. */
const concernsAll = (error: ConnectorError): boolean =>
  error.transient ||
  ['scim.unauthorised', 'scim.forbidden', 'scim.redirected', 'scim.not-scim'].includes(error.code)

const configuration = (message: string): ConnectorError =>
  new ConnectorError('scim.configuration', message, { transient: false })

const usableBaseUrl = (text: string): URL => {
  const usable = targetUrl(text, { query: false })
  if ('wrong' in usable) throw configuration(`baseUrl: ${usable.wrong}`)
  return usable.url
}

const usableToken = (token: string): string => {
  // What RFC 6750 §2.1 allows; a line end in a token file would otherwise fail at each call.
  if (!/^[\w\-.~+/]+=*$/.test(token)) throw configuration('token: empty, or not a bearer token')
  return token
}
