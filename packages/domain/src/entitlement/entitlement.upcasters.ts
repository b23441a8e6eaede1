// Older versions that may be in somebody's log, one step each. Never edited.

export const entitlementUpcasters = {
  /** Version 2 knows one more reason. */
  'AssignmentEnded.v1': { to: 'AssignmentEnded.v2', upcast: (data: object): object => data },
} as const
