// Older versions that may be in somebody's log, one step each. Never edited.

/** What version 1 of a revocation held. */
interface AccessRevokedV1 {
  readonly readBack: { readonly present: false; readonly at: string }
}

/** What version 1 of a drift held: it was always to be repaired. */
interface DriftFoundV1 {
  readonly found: 'present' | 'absent'
}

/** What version 2 of a revocation held. */
interface AccessRevokedV2 {
  readonly receipt: { readonly kind: 'read-back' | 'confirmed'; readonly at: string }
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
  /**
   * Version 3 says "read back" only of what is positively gone; version 2 also took "not found" and "not listed" for
   * that.
   */
  'AccessRevoked.v2': {
    to: 'AccessRevoked.v3',
    upcast: (data: object): object => {
      const { receipt, ...rest } = data as AccessRevokedV2
      const kind = receipt.kind === 'confirmed' ? 'acknowledged' : 'looked-up'
      return { ...rest, receipt: { ...receipt, kind } }
    },
  },
  /** Version 2 keeps the target's names of the account, and what is known of the access. */
  'AccessProvisioned.v1': {
    to: 'AccessProvisioned.v2',
    upcast: (data: object): object => ({ ...data, account: null, receipt: null }),
  },
  /** Version 2 may say that it was taken over. */
  'PreexistingAccessFound.v1': {
    to: 'PreexistingAccessFound.v2',
    upcast: (data: object): object => ({ ...data, kept: true }),
  },
  /** Version 3 keeps the target's names of the account. */
  'PreexistingAccessFound.v2': {
    to: 'PreexistingAccessFound.v3',
    upcast: (data: object): object => ({ ...data, account: null }),
  },
  /** Version 2 says what is done about it. */
  'DriftFound.v1': {
    to: 'DriftFound.v2',
    upcast: (data: object): object => {
      const { found } = data as DriftFoundV1
      return { ...data, repair: found === 'absent' ? 'grant' : 'revoke' }
    },
  },
  /** Version 3 keeps the target's names of the account that was found. */
  'DriftFound.v2': {
    to: 'DriftFound.v3',
    upcast: (data: object): object => ({ ...data, account: null }),
  },
} as const
