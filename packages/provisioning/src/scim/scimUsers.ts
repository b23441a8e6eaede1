import { type Access, ConnectorError } from '../connector.ts'
import { readAs, type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { listPages } from './scimLists.ts'
import { ENTERPRISE, type ScimUser, scimString, scimUserSchema } from './scimMessages.ts'

type Subject = Access['subject']

const PAGE = 100
/** A service that ignores filters answers with everybody; so many are looked through before that is called an error. */
const MOST = 10_000

/** What is asked of accounts. */
export const ACCOUNT_ATTRIBUTES = 'id,userName,externalId,emails,active'

/** The same, with what is only asked where the directory knows it, since not every service has it. */
export const attributesFor = (subjects: readonly Subject[]): string =>
  subjects.some(({ employeeNumber }) => employeeNumber)
    ? `${ACCOUNT_ATTRIBUTES},${ENTERPRISE}:employeeNumber`
    : ACCOUNT_ATTRIBUTES

/** @returns undefined when the service can't be searched by this attribute; user names every service must take */
export const usersWhere = async (
  http: ScimHttp,
  attribute: string,
  text: string,
  subject: Subject,
  signal: AbortSignal,
): Promise<readonly ScimUser[] | undefined> => {
  const asked = {
    of: 'Users',
    filter: `${attribute} eq ${scimString(text)}`,
    attributes: attributesFor([subject]),
    count: PAGE,
  } as const
  const users: ScimUser[] = []
  try {
    for await (const { status, resources } of listPages(http, asked, signal)) {
      users.push(...resources.map((body) => readAs(scimUserSchema, { status, body })))
      if (users.length > MOST) break
    }
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error
    if ([400, 501].includes(error.status) && attribute !== 'userName') return undefined
    throw new ConnectorError(
      'scim.lookup-refused',
      `users can't be looked up by ${attribute}: ${error.message}; check the connector's baseUrl`,
      { transient: false },
    )
  }
  if (users.length <= MOST) return users
  throw new ConnectorError(
    'scim.filter-ignored',
    `looking up a user by ${attribute} gave more than ${MOST} users: the target seems to ignore filters`,
    { transient: false },
  )
}
