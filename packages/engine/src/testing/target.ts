import type { Instant } from '@portcullis/core'
import { fulfilmentId, grantId } from '@portcullis/domain'
import {
  type Access,
  type Connector,
  ConnectorError,
  createMemoryConnector,
  type FulfilmentAwaited,
  unreadable,
} from '@portcullis/provisioning'

/** A target system in memory that can be down, refuse, and be disturbed in the middle of a call. */
export interface Target extends Connector {
  /** What it holds, as in `wiki.member.alice`, sorted. */
  held(): readonly string[]
  /** Every call fails from now on, in a way that may pass on its own. */
  down(): void
  /** Every call fails from now on, for good. */
  refuse(): void
  up(): void
  /** Runs right after each access that is granted, before the answer; null for nothing. */
  /** Runs when a scan has read a page; null for nothing. */
  afterPage: (() => Promise<void>) | null
  /** As somebody does who gives or takes access by hand: `wiki.member.alice`. */
  byHand(change: 'grant' | 'revoke', access: string): Promise<void>
  afterGrant: ((signal: AbortSignal) => Promise<void>) | null
  /**
   * While set, it can't be asked, has every order carried out by hand, and waits until then to be told; null: it does
   * it itself.
   */
  byHandUntil: (() => Instant) | null
  /** What is to be carried out by hand, by fulfilment ids, in the order in which it was asked for. */
  readonly orders: readonly string[]
  /** Calls so far, as in `grant wiki.member.alice`. */
  readonly calls: readonly string[]
}

export const createTarget = (name: string): Target => {
  const inner = createMemoryConnector({ name })
  const calls: string[] = []
  const orders: string[] = []
  const note = (call: string, access: Parameters<Connector['grant']>[0]): void => {
    calls.push(`${call} ${access.resource.id}.${access.role.id}.${access.subject.id}`)
  }
  const byHand = (
    { resource, role, subject }: Access,
    operationId: string | undefined,
  ): FulfilmentAwaited | undefined => {
    if (target.byHandUntil === null) return undefined
    orders.push(fulfilmentId(grantId(resource.id, role.id, subject.id), operationId ?? ''))
    return { awaitedUntil: target.byHandUntil() }
  }
  const target: Target = {
    name,
    calls,
    orders,
    afterGrant: null,
    byHandUntil: null,
    afterPage: null,
    byHand: async (change, access) => {
      await inner[change](accessOf(access), new AbortController().signal)
    },
    async *holders(role, signal) {
      for await (const page of inner.holders?.(role, signal) ?? []) {
        await target.afterPage?.()
        yield page
      }
    },
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
    readBack: async (access, signal) =>
      target.byHandUntil === null
        ? inner.readBack(access, signal)
        : unreadable('target.by-hand', 'it is done by hand'),
    grant: async (access, signal, operationId) => {
      note('grant', access)
      const awaited = byHand(access, operationId)
      if (awaited !== undefined) return awaited
      await inner.grant(access, signal)
      await target.afterGrant?.(signal)
      return undefined
    },
    revoke: async (access, signal, operationId) => {
      note('revoke', access)
      const awaited = byHand(access, operationId)
      if (awaited !== undefined) return awaited
      await inner.revoke(access, signal)
      return undefined
    },
    close: () => inner.close(),
  }
  return target
}

const accessOf = (text: string): Access => {
  const [resource = '', role = '', subject = ''] = text.split('.')
  return {
    resource: { id: resource, externalId: resource },
    role: { id: role, externalId: role },
    subject: { id: subject, userName: subject, email: '', displayName: subject },
  }
}
