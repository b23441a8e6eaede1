import { type Connector, ConnectorError, createMemoryConnector } from '@portcullis/provisioning'

/** A target system in memory that can be down, refuse, and be disturbed in the middle of a call. */
export interface Target extends Connector {
  /** What it holds, as in `wiki.member.alice`, sorted. */
  held(): readonly string[]
  /** Every call fails from now on, in a way that may pass by itself. */
  down(): void
  /** Every call fails from now on, for good. */
  refuse(): void
  up(): void
  /** Runs right after each access that is granted, before the answer; null for nothing. */
  afterGrant: ((signal: AbortSignal) => Promise<void>) | null
  /** Calls so far, as in `grant wiki.member.alice`. */
  readonly calls: readonly string[]
}

export const createTarget = (name: string): Target => {
  const inner = createMemoryConnector({ name })
  const calls: string[] = []
  const note = (call: string, access: Parameters<Connector['grant']>[0]): void => {
    calls.push(`${call} ${access.resource.id}.${access.role.id}.${access.subject.id}`)
  }
  const target: Target = {
    name,
    calls,
    afterGrant: null,
    held: () =>
      inner
        .memberships()
        .map(({ resource, role, subject }) => `${resource}.${role}.${subject}`)
        .sort(),
    down: () =>
      inner.failWith(new ConnectorError(`${name}.down`, 'does not answer', { transient: true })),
    refuse: () =>
      inner.failWith(new ConnectorError(`${name}.refused`, 'says no', { transient: false })),
    up: () => inner.failWith(null),
    probe: () => inner.probe(),
    readBack: (access, signal) => inner.readBack(access, signal),
    grant: async (access, signal) => {
      note('grant', access)
      await inner.grant(access, signal)
      await target.afterGrant?.(signal)
    },
    revoke: async (access, signal) => {
      note('revoke', access)
      await inner.revoke(access, signal)
    },
    close: () => inner.close(),
  }
  return target
}
