import type { Clock } from '@portcullis/core'
import { type Access, type Connector, ConnectorError } from '../connector.ts'
import { createScimHttp, readAs, ScimRefusal } from './scimHttp.ts'
import { addToGroup, isMember, removeFromGroup } from './scimMembers.ts'
import { listSchema } from './scimMessages.ts'
import {
  createUser,
  findUserForSure,
  type LookUpAttribute,
  lookUpAttributes,
  lookUpUser,
} from './scimUsers.ts'

export interface ScimConnectorOptions {
  readonly name: string
  /** Of the SCIM service, such as `https://idm.example.com/scim/v2`. Plain http only to this machine itself: the token would be readable. */
  readonly baseUrl: string
  /** Bearer token (RFC 6750). */
  readonly token: string
  readonly clock: Clock
  /** Make an account for a subject that has none; otherwise that is the error `scim.user-not-found`. Default false. */
  readonly createUsers?: boolean
  /**
   * Which group a resource role is: the resource's external id (a resource with one role), or the role's own
   * (an application with several roles, each a group of the target). Default `resource`.
   */
  readonly groupOf?: 'resource' | 'role'
  /**
   * What accounts are looked up by when the user name finds none. Default: both. Leave out what the target can't be searched by;
   * an account that was renamed there is then taken for absent, unless something else finds it.
   */
  readonly alsoLookUpBy?: readonly LookUpAttribute[]
  /** For one exchange. Default 30,000. */
  readonly timeoutMillis?: number
  /** Default 8 MiB. */
  readonly maxAnswerBytes?: number
}

/**
 * Grants by membership in groups of a SCIM 2.0 service (RFC 7643, RFC 7644).
 * @throws ConnectorError `scim.configuration` at once when baseUrl or token can't be used
 */
export const createScimConnector = (options: ScimConnectorOptions): Connector => {
  const http = createScimHttp({
    baseUrl: usableBaseUrl(options.baseUrl),
    token: usableToken(options.token),
    clock: options.clock,
    timeoutMillis: options.timeoutMillis ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 8 * 1024 * 1024,
  })

  const by = options.alsoLookUpBy ?? lookUpAttributes

  const groupOf = ({ resource, role }: Access): string => {
    const groupId = options.groupOf === 'role' ? role.externalId : resource.externalId
    if (groupId !== '') return groupId
    throw new ConnectorError(
      'scim.no-group',
      `the ${options.groupOf ?? 'resource'} has no externalId, so no group of the target; import it with one, then reprocess`,
      { transient: false },
    )
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
    readBack: async (access, signal) => {
      signal.throwIfAborted()
      const groupId = groupOf(access)
      const userId = await findUserForSure(http, access.subject, by, signal)
      if (userId === undefined) return 'absent'
      return (await isMember(http, { groupId, userId, signal })) ? 'present' : 'absent'
    },
    grant: async (access, signal) => {
      signal.throwIfAborted()
      const groupId = groupOf(access)
      let { userId } = await lookUpUser(http, access.subject, by, signal)
      if (userId === undefined) {
        if (options.createUsers !== true) {
          throw new ConnectorError(
            'scim.user-not-found',
            `the target has no account of ${access.subject.id}; make one, or let the connector (createUsers), then reprocess`,
            { transient: false },
          )
        }
        userId = await createUser(http, access.subject, by, signal)
      }
      await addToGroup(http, { groupId, userId, signal })
    },
    revoke: async (access, signal) => {
      signal.throwIfAborted()
      const groupId = groupOf(access)
      const userId = await findUserForSure(http, access.subject, by, signal)
      if (userId !== undefined) await removeFromGroup(http, { groupId, userId, signal })
    },
    close: async () => {},
  }
}

const configuration = (message: string): ConnectorError =>
  new ConnectorError('scim.configuration', message, { transient: false })

const usableBaseUrl = (text: string): URL => {
  const url = URL.parse(text)
  if (url === null) throw configuration('baseUrl: not a URL')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw configuration('baseUrl: takes no user, password, query or fragment')
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local))
    throw configuration('baseUrl: must be https (http only to this machine itself)')
  return url
}

const usableToken = (token: string): string => {
  // What RFC 6750 §2.1 allows; a line end in a token file would otherwise fail at each call.
  if (!/^[\w\-.~+/]+=*$/.test(token)) throw configuration('token: empty, or not a bearer token')
  return token
}
