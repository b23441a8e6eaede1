import type { Access, Holder, TargetRole } from '../connector.ts'

/** One line of a membership file. */
export interface Membership {
  /** The resource's name in the target (`externalId`). */
  readonly resource: string
  /** The role's name in the target, or its id where it has none of its own. */
  readonly role: string
  /** The subject's id: it stays when a user name changes, so that a later revoke still finds the line. */
  readonly subject: string
  /** When it was written, an ISO instant in UTC. */
  readonly since: string
}

/** What all lines of a role have in common. */
const placeOf = ({ resource, role }: TargetRole): Pick<Membership, 'resource' | 'role'> => ({
  resource: resource.externalId,
  role: role.externalId === '' ? role.id : role.externalId,
})

/** The line that an access is, but for its time. */
export const lineOf = (access: Access): Omit<Membership, 'since'> => ({
  ...placeOf(access),
  subject: access.subject.id,
})

/** Same text for the same access, whatever its time. */
export const keyOf = (line: Omit<Membership, 'since'>): string =>
  JSON.stringify([line.resource, line.role, line.subject])

const PAGE = 1000

/** Who has the role by these lines, in pages. */
export async function* holdersIn(
  lines: Iterable<Omit<Membership, 'since'>>,
  role: TargetRole,
  signal: AbortSignal,
): AsyncGenerator<readonly Holder[], void> {
  const place = placeOf(role)
  let page: Holder[] = []
  for (const { resource, role: name, subject } of lines) {
    if (resource !== place.resource || name !== place.role) continue
    page.push({ subjectId: subject, userName: null, email: null, label: subject })
    if (page.length < PAGE) continue
    signal.throwIfAborted()
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
