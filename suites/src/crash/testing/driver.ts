import { setTimeout as delay } from 'node:timers/promises'
import { createTokenIssuer } from '@portcullis/api'
import { deriveId } from '@portcullis/core'
import { systemClock } from '@portcullis/runtime'
import { SERVICE, type Step, type Story } from './stories.ts'

export interface Answer {
  readonly [field: string]: unknown
}

/** An upstream service: sends commands over HTTP, each under an id of its own, and repeats what got no answer. */
export interface Driver {
  /** @param name of the command, from which its id follows */
  send(name: string, step: Step): Promise<Answer>
  /**
   * The steps of each story one after the other, some stories side by side; a story begins when the engine keeps up.
   */
  tell(stories: readonly Story[]): Promise<void>
  get(path: string): Promise<Answer>
  /**
   * Sends every command that was answered once more.
   * @returns those whose answer differs from the first but for saying that it is a repeat
   */
  repeatAll(): Promise<readonly string[]>
  readonly stats: { answered: number; unanswered: number; busy: number }
  /**
   * Of the command that was first sent soonest after this moment (of `Date.now`): how much later, and how long its
   * answer took, milliseconds; undefined when there was none.
   */
  nextAfter(moment: number): { readonly sent: number; readonly took: number } | undefined
}

export interface DriverOptions {
  /** Of the API, in turn; from one that doesn't answer to the next one, as behind a load balancer. */
  readonly urls: readonly string[]
  readonly keyDir: string
  readonly run: string
  readonly seen: (sight: 'answer') => void
  /** Resolves when another story may begin. */
  readonly pace: () => Promise<void>
}

const SIDE_BY_SIDE = 8
const AGAIN_MILLIS = 50
/** Longer than any restart takes. */
const PATIENCE_MILLIS = 90_000
const HOUR_SECONDS = 3600

interface Sent {
  readonly name: string
  readonly step: Step
  readonly body: object | undefined
  readonly answer: Answer
}

export const createDriver = async (options: DriverOptions): Promise<Driver> => {
  const { urls, run, seen, pace } = options
  const answers: { readonly sentAt: number; readonly at: number }[] = []
  let turn = 0
  const issue = await createTokenIssuer({ keyDir: options.keyDir, clock: systemClock })
  const stats = { answered: 0, unanswered: 0, busy: 0 }
  const tokens = new Map<string, Promise<string>>()
  const sent: Sent[] = []

  const tokenFor = (sub: string): Promise<string> => {
    const known = tokens.get(sub)
    if (known !== undefined) return known
    const service = sub === SERVICE
    const made = issue({
      sub,
      kind: service ? 'service' : 'user',
      roles: service ? ['UserAdministrator'] : [],
      ttlSeconds: HOUR_SECONDS,
    }).then(({ token }) => token)
    tokens.set(sub, made)
    return made
  }

  const call = async (
    as: string,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: object,
  ): Promise<Answer> => {
    const giveUpAt = Date.now() + PATIENCE_MILLIS
    const authorization = `Bearer ${await tokenFor(as)}`
    const request: RequestInit = {
      method,
      headers: { ...headers, authorization },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    for (;;) {
      turn += 1
      const response = await exchange(`${urls[turn % urls.length]}${path}`, request)
      if (response !== undefined && response.status < 300) return JSON.parse(response.text)
      // Refused, or a fault: neither may happen, and repeating wouldn't help.
      if (response !== undefined && response.status !== 503)
        throw new Error(`${method} ${path} as ${as}: ${response.status} ${response.text}`)
      if (response === undefined) stats.unanswered += 1
      else stats.busy += 1
      if (Date.now() > giveUpAt)
        throw new Error(`${method} ${path}: ${response?.text ?? 'no answer'}`)
      await delay(AGAIN_MILLIS)
    }
  }

  const post = (name: string, { as, method, path }: Step, body: object | undefined) => {
    const key = { 'idempotency-key': deriveId('crash', run, name) }
    return body === undefined
      ? call(as, method, path, key)
      : call(as, method, path, { ...key, 'content-type': 'application/json' }, body)
  }

  const send: Driver['send'] = async (name, step) => {
    const body = step.body?.(new Date())
    const sentAt = Date.now()
    const answer = await post(name, step, body)
    sent.push({ name, step, body, answer })
    answers.push({ sentAt, at: Date.now() })
    stats.answered += 1
    seen('answer')
    return answer
  }

  const sideBySide = async <Item>(
    items: readonly Item[],
    work: (item: Item) => Promise<void>,
  ): Promise<void> => {
    const waiting = items.values()
    const lane = async (): Promise<void> => {
      for (const item of waiting) await work(item)
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane))
  }

  return {
    stats,
    nextAfter: (moment) => {
      let next: (typeof answers)[number] | undefined
      for (const each of answers)
        if (each.sentAt >= moment && each.sentAt < (next?.sentAt ?? Number.POSITIVE_INFINITY))
          next = each
      return next && { sent: next.sentAt - moment, took: next.at - next.sentAt }
    },
    send,
    tell: (stories) =>
      sideBySide(stories, async ({ packageId, subjectId, steps }) => {
        await pace()
        for (const [index, step] of steps.entries())
          await send(`${packageId}.${subjectId}.${index}`, step)
      }),
    get: (path) => call(SERVICE, 'GET', path),
    repeatAll: async () => {
      const different: string[] = []
      await sideBySide(sent, async ({ name, step, body, answer }) => {
        const again = await post(name, step, body)
        if (JSON.stringify(again) !== JSON.stringify({ ...answer, repeated: true }))
          different.push(
            `${step.method} ${step.path}: ${JSON.stringify(answer)}, then ${JSON.stringify(again)}`,
          )
      })
      return different
    },
  }
}

/** The whole answer, or undefined when the connection broke before it was there. */
const exchange = async (
  url: string,
  request: RequestInit,
): Promise<{ readonly status: number; readonly text: string } | undefined> => {
  try {
    const response = await fetch(url, request)
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}
