/** Whose access to what: the three that name the stream, and stand in each of its events. */
export interface GrantFacts {
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
}
