// Older versions that may be in somebody's log, one step each. Never edited.

/** What version 1 of a revocation held. */
interface AccessRevokedV1 {
  readonly readBack: { readonly present: false; readonly at: string }
}

/** What version 1 of a drift held: it was always to be repaired. */
interface DriftFoundV1 {
  readonly found: 'present' | 'absent'
}

export const grantUpcasters = {
  /** Version 2 may say that the target couldn't be asked. */
  'ProvisioningStarted.v1': {
    to: 'ProvisioningStarted.v2',
    upcast: (data: object): object => data,
  },
  /** Version 2 says what kind of receipt there is. */
  'AccessRevoked.v1': {
    to: 'AccessRevoked.v2',
    upcast: (data: object): object => {
      const { readBack, ...rest } = data as AccessRevokedV1
      return { ...rest, receipt: { kind: 'read-back', at: readBack.at } }
    },
  },
  /** Version 2 may say that it was taken over. */
  'PreexistingAccessFound.v1': {
    to: 'PreexistingAccessFound.v2',
    upcast: (data: object): object => ({ ...data, kept: true }),
  },
  /** Version 2 says what is done about it. */
  'DriftFound.v1': {
    to: 'DriftFound.v2',
    upcast: (data: object): object => {
      const { found } = data as DriftFoundV1
      return { ...data, repair: found === 'absent' ? 'grant' : 'revoke' }
    },
  },
} as const
