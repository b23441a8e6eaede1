import { errorText, type Log } from '@portcullis/engine'
import { type GuardOptions, guarded, NoAnswerInTime } from './guarded.ts'

/** What a process needs to do its work. */
export type CheckName =
  | 'store'
  | 'database'
  | 'migrations'
  | 'projections'
  | 'reactors'
  | 'queue'
  | 'sweep'

/** One thing to look at. Throws {@link NotReady} with a word of its own, or whatever the driver throws. */
export interface Check {
  readonly name: CheckName
  /** What it finds is told, and doesn't keep the process from being ready: it can do its own work all the same. */
  readonly aside?: boolean
  look(): Promise<void>
}

/**
 * The check found something; `reason` is told to everybody who asks, so it holds no address and no name of a person.
 */
export class NotReady extends Error {
  readonly reason: string
  constructor(reason: string) {
    super(reason)
    this.name = 'NotReady'
    this.reason = reason
  }
}

export interface CheckResult {
  readonly status: 'ok' | 'failing'
  /** What is wrong, in words of ours: drivers name hosts and users. */
  readonly reason?: string
}

export interface ReadinessReport {
  readonly status: 'ready' | 'not-ready' | 'draining'
  readonly checks: Readonly<Partial<Record<CheckName, CheckResult>>>
}

/** Whether this process should be sent work. */
export interface Readiness {
  /** Looks at every check at the same time, each for a bounded time. Never throws. */
  report(): Promise<ReadinessReport>
  /** From now on this process is on its way out, whatever it can still do. */
  drain(): void
  readonly draining: boolean
}

/**
 * @param log told once when a check begins to fail, with the driver's words, and once when it is well again
 */
export const createReadiness = (
  checks: readonly Check[],
  { log, ...guard }: GuardOptions & { readonly log: Log },
): Readiness => {
  let draining = false
  const looks = checks.map(({ name, look }) => ({ name, look: guarded(look, guard) }))
  const aside = new Set(checks.flatMap((check) => (check.aside === true ? [check.name] : [])))
  const failing = new Set<CheckName>()

  const resultOf = async (name: CheckName, look: () => Promise<void>): Promise<CheckResult> => {
    try {
      await look()
      if (failing.delete(name)) log.info({ check: name }, 'ready again')
      return { status: 'ok' }
    } catch (error) {
      const reason = reasonOf(error)
      if (!failing.has(name)) {
        failing.add(name)
        log.warn({ check: name, reason, error: errorText(error) }, 'not ready')
      }
      return { status: 'failing', reason }
    }
  }

  return {
    report: async () => {
      const results = await Promise.all(
        looks.map(async ({ name, look }) => [name, await resultOf(name, look)] as const),
      )
      const well = results.every(([name, { status }]) => status === 'ok' || aside.has(name))
      return {
        status: draining ? 'draining' : well ? 'ready' : 'not-ready',
        checks: Object.fromEntries(results),
      }
    },
    drain: () => {
      draining = true
    },
    get draining() {
      return draining
    },
  }
}

const reasonOf = (error: unknown): string => {
  if (error instanceof NotReady) return error.reason
  return error instanceof NoAnswerInTime ? error.message : 'it can not be reached; see the log'
}
