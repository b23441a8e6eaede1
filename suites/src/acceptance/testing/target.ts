import {
  type Access,
  type Connector,
  ConnectorError,
  createMemoryConnector,
} from '@portcullis/provisioning'

/** A target system in memory that does what the test says: fails, fails for good, hangs, waits. */
export interface Target extends Connector {
  /** What it holds, as in `git.member.sam`, sorted. */
  held(): readonly string[]
  /** Changes so far, done or not: `grant git.member.sam`. */
  readonly calls: readonly string[]
  /** The next changes fail, so many times, in a way that may pass on its own. */
  failNext(times: number): void
  /** Every call fails from now on, in a way that may pass on its own. */
  down(): void
  /** Every call fails from now on, for good: nobody tries again unless asked to. */
  refuse(): void
  up(): void
  /** Changes wait from now on, until `release` or until the engine gives them up. */
  hang(): void
  /** Lets those through that wait, and all that come. */
  release(): void
  /** Changes that wait now. */
  waiting(): number
  /** As somebody does who gives access by hand. */
  giveByHand(access: string): void
  /** And takes it away. */
  takeByHand(access: string): void
}

export const createTarget = (name: string): Target => {
  const inner = createMemoryConnector({ name })
  const calls: string[] = []
  let toFail = 0
  let gate: PromiseWithResolvers<void> | undefined
  let waiting = 0
  const problem = (transient: boolean) =>
    transient
      ? new ConnectorError(`${name}.down`, 'does not answer', { transient })
      : new ConnectorError(`${name}.refused`, 'says no', { transient })

  const change = async (
    kind: 'grant' | 'revoke',
    access: Access,
    signal: AbortSignal,
  ): Promise<undefined> => {
    calls.push(`${kind} ${access.resource.id}.${access.role.id}.${access.subject.id}`)
    if (gate !== undefined) await throughGate(gate.promise, signal)
    if (toFail > 0) {
      toFail -= 1
      throw problem(true)
    }
    await inner[kind](access, signal)
  }

  const throughGate = async (opened: Promise<void>, signal: AbortSignal): Promise<void> => {
    waiting += 1
    const given = Promise.withResolvers<void>()
    const onAbort = (): void => given.reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    try {
      await Promise.race([opened, given.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      waiting -= 1
    }
  }

  return {
    name,
    calls,
    held: () =>
      inner
        .memberships()
        .map(({ resource, role, subject }) => `${resource}.${role}.${subject}`)
        .sort(),
    failNext: (times) => {
      toFail = times
    },
    down: () => inner.failWith(problem(true)),
    refuse: () => inner.failWith(problem(false)),
    up: () => {
      toFail = 0
      inner.failWith(null)
    },
    hang: () => {
      gate ??= Promise.withResolvers<void>()
    },
    release: () => {
      gate?.resolve()
      gate = undefined
    },
    waiting: () => waiting,
    giveByHand: (access) => {
      const [resource = '', role = '', subject = ''] = access.split('.')
      void inner.grant(accessOf(resource, role, subject), new AbortController().signal)
    },
    takeByHand: (access) => {
      const [resource = '', role = '', subject = ''] = access.split('.')
      void inner.revoke(accessOf(resource, role, subject), new AbortController().signal)
    },
    async *holders(role, signal) {
      yield* inner.holders?.(role, signal) ?? []
    },
    probe: () => inner.probe(),
    readBack: (access, signal) => inner.readBack(access, signal),
    grant: (access, signal) => change('grant', access, signal),
    revoke: (access, signal) => change('revoke', access, signal),
    close: () => inner.close(),
  }
}

const accessOf = (resource: string, role: string, subject: string): Access => ({
  resource: { id: resource, externalId: resource },
  role: { id: role, externalId: role },
  subject: { id: subject, userName: subject, email: '', displayName: subject },
})
