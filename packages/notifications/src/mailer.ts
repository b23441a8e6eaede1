import { addMillis, type Clock, type Instant } from '@portcullis/core'
import { stillWaits } from './history.ts'
import type { MailIntent } from './mailIntent.ts'
import type { ClaimedMail, Outbox } from './outbox/outbox.ts'
import { HistoryIncomplete } from './render/renderContext.ts'
import { type RenderOptions, renderDigest, renderMail } from './render/renderMail.ts'
import { oneLine } from './render/words.ts'
import { waitAfter } from './retries.ts'
import type { MailAddress, MailTransport, SendOutcome } from './transports/transport.ts'

export interface MailerOptions extends RenderOptions {
  readonly outbox: Outbox
  readonly transport: MailTransport
  readonly clock: Clock
  readonly from: MailAddress
  /** Where answers go; absent: to the sender. */
  readonly replyTo?: MailAddress
  readonly log: (message: string, data: { readonly [key: string]: string | number }) => void
  /**
   * How long one try may take before another process may take over; longer than the transport's time-outs together.
   * Default 10 minutes.
   */
  readonly leaseMillis?: number
  /** Mails sent side by side. Default 5. */
  readonly concurrency?: number
}

export interface SendSummary {
  readonly accepted: number
  readonly refused: number
  /** Not needed any more: what they ask for has been decided. */
  readonly withdrawn: number
  /** Not claimed: done already, not due yet, or another process has them. */
  readonly skipped: number
  /** To be tried again, and when: a job may be set for then; the sweeper finds them anyway. */
  readonly later: readonly { readonly id: string; readonly dueAt: Instant }[]
}

export interface Mailer {
  /**
   * Sends these mails of the outbox, each at most once at a time in all processes. Mails under way are finished when
   * the signal aborts; the rest stays queued. Failures are kept in the outbox; only a broken database is thrown.
   */
  send(ids: readonly string[], signal: AbortSignal): Promise<SendSummary>
}

const LEASE = 600_000

/**
 * Claims, renders, sends, marks. A process that dies between the server's answer and the mark sends again under the
 * same Message-ID.
 */
export const createMailer = (options: MailerOptions): Mailer => {
  const { outbox, transport, clock, log } = options
  const { address } = usable('sender', options.from)
  const domain = address.split('@').at(-1) ?? 'localhost'
  const replyTo = options.replyTo && usable('reply-to', options.replyTo)

  const attempt = async (mail: ClaimedMail): Promise<Outcome> => {
    const recipient = (await options.lookups.directory.people([mail.recipientId])).get(
      mail.recipientId,
    )
    if (recipient === undefined)
      return { kind: 'refused', reply: 'the directory has no such person' }
    if (!isAddress(recipient.email))
      return { kind: 'refused', reply: 'the directory has no usable e-mail address of this person' }
    const { needed, leftOut } = await stillNeeded(mail)
    const [first, ...others] = needed
    if (first === undefined)
      return {
        kind: 'withdrawn',
        reply: 'decided before it was sent; nobody waits for this any more',
      }
    const now = clock.now()
    const rendered =
      others.length === 0
        ? await renderMail(first, recipient, now, options)
        : await renderDigest(needed, recipient, now, options)
    const outcome = await transport.send({
      ...rendered,
      messageId: messageIdOf(mail.id, domain),
      from: options.from,
      to: { name: oneLine(recipient.displayName), address: recipient.email },
      ...(replyTo === undefined ? {} : { replyTo }),
      date: now,
      kind: others.length === 0 ? mail.kind : 'approval-digest',
      recipientId: mail.recipientId,
      eventId: first.eventId,
      at: first.at,
    })
    return { ...outcome, leftOut }
  }

  /** Of gathered mails, those whose approval still waits; of others, the mail itself, which tells what happened. */
  const stillNeeded = async (mail: ClaimedMail) => {
    if (!mail.gathered) return { needed: [mail], leftOut: [] }
    const needed: MailIntent[] = []
    const leftOut: string[] = []
    for (const one of [mail, ...mail.covers])
      if (await stillWaits(options.lookups, one)) needed.push(one)
      else leftOut.push(one.id)
    return { needed, leftOut }
  }

  const sendOne = async (id: string): Promise<Sent> => {
    const start = clock.now()
    const leaseUntil = addMillis(start, options.leaseMillis ?? LEASE)
    const mail = await outbox.claim(id, { now: start, leaseUntil })
    if (mail === undefined) return { kind: 'skipped' }
    let outcome: Outcome
    try {
      outcome = await attempt(mail)
    } catch (error) {
      outcome = {
        kind: error instanceof HistoryIncomplete ? 'refused' : 'later',
        reply: error instanceof Error ? error.message : 'unknown error',
      }
    }
    const { kind, reply } = outcome
    const { recipientId, attempts } = mail
    const now = clock.now()
    if (kind === 'refused' || kind === 'later')
      log(`mail ${kind === 'refused' ? 'refused' : 'put off'}`, {
        mailId: id,
        kind: mail.kind,
        recipientId,
        attempts,
        reply,
      })
    if (kind === 'later') {
      const dueAt = addMillis(now, waitAfter(attempts))
      await outbox.retryAt(mail, now, reply, dueAt)
      return { kind, id, dueAt }
    }
    if (kind === 'accepted') await outbox.accept(mail, now, reply, outcome.leftOut)
    else if (kind === 'withdrawn') await outbox.withdraw(mail, now, reply)
    else await outbox.refuse(mail, now, reply)
    return { kind }
  }

  return {
    send: async (ids, signal) => {
      const sent: Sent[] = []
      const queue = ids.values()
      const work = async () => {
        for (const id of queue) {
          if (signal.aborted) return
          sent.push(await sendOne(id))
        }
      }
      const workers = Array.from({ length: options.concurrency ?? 5 }, work)
      // What is under way is waited for even when the database broke for one: the caller may close the transport next.
      const ended = await Promise.allSettled(workers)
      for (const end of ended) if (end.status === 'rejected') throw end.reason
      const count = (kind: Sent['kind']) => sent.filter((one) => one.kind === kind).length
      return {
        accepted: count('accepted'),
        refused: count('refused'),
        withdrawn: count('withdrawn'),
        skipped: count('skipped'),
        later: sent.flatMap((one) =>
          one.kind === 'later' ? [{ id: one.id, dueAt: one.dueAt }] : [],
        ),
      }
    },
  }
}

interface Outcome {
  readonly kind: SendOutcome['kind'] | 'withdrawn'
  readonly reply: string
  /** Ids of gathered mails that weren't in it. */
  readonly leftOut?: readonly string[]
}

type Sent =
  | { readonly kind: 'accepted' | 'refused' | 'withdrawn' | 'skipped' }
  | { readonly kind: 'later'; readonly id: string; readonly dueAt: Instant }

/** Follows from event, kind and recipient, so that a repeat can be recognised. */
export const messageIdOf = (mailId: string, domain: string): string =>
  `<${mailId}@portcullis.${domain}>`

/**
 * Stricter than RFC 5321: no quoted local parts, no spaces or signs that a mail program could read as a second address.
 */
const isAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s@<>()[\],;:\\"\p{Cc}]+@[^\s@<>()[\],;:\\"\p{Cc}]+$/u.test(text)

const usable = (what: string, given: MailAddress): MailAddress => {
  if (isAddress(given.address)) return given
  throw new Error(`mail ${what}: the address must be like access@example.com`)
}
