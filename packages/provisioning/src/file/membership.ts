import type { Access } from '../connector.ts'

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

/** The line that an access is, but for its time. */
export const lineOf = (access: Access): Omit<Membership, 'since'> => ({
  resource: access.resource.externalId,
  role: access.role.externalId === '' ? access.role.id : access.role.externalId,
  subject: access.subject.id,
})

/** Same text for the same access, whatever its time. */
export const keyOf = (line: Omit<Membership, 'since'>): string =>
  JSON.stringify([line.resource, line.role, line.subject])
