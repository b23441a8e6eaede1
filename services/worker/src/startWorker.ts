import { DEFAULT_WORKER_SETTINGS, errorText, type WorkerSettings } from '@portcullis/engine'
import type { RunningParts, Runtime } from '@portcullis/runtime'

export interface RunningWorker {
  readonly parts: RunningParts
  /** Jobs under way finish or go back to the queue; projections and reactors stop after their batch. */
  close(): Promise<void>
}

/** How long jobs under way may take to finish when the worker stops. */
const GRACE_MILLIS = 10_000

/** Runs projections, reactors, timers and job workers in this process. */
export const startWorker = async (runtime: Runtime): Promise<RunningWorker> => {
  const { config, log } = runtime
  const settings: WorkerSettings = {
    ...DEFAULT_WORKER_SETTINGS,
    leavers: { endAfterMillis: config.leaversEndAfterMillis, limits: config.removals },
    sweepSeconds: config.sweepSeconds,
    staleMillis: config.staleMillis,
    leaseMillis: config.leaseMillis,
    promisesEveryMillis: config.promisesEveryMillis,
    operationMillis: Math.round(config.leaseMillis * OPERATION_SHARE),
  }
  const parts = await runtime.worker(settings)
  const { worker } = parts
  const stopping = new AbortController()
  const running = worker.run(stopping.signal)
  // The queue may be wiped at any time, the sweep's schedule with it: put back by a timer of our own.
  const schedule = (): void => {
    worker
      .schedule()
      .catch((error: unknown) =>
        log.warn({ error: errorText(error) }, 'the sweep could not be scheduled; trying again'),
      )
  }
  schedule()
  worker
    .sweepNow()
    .catch((error: unknown) =>
      log.warn({ error: errorText(error) }, 'the first sweep could not be queued'),
    )
  const timer = setInterval(schedule, config.sweepSeconds * 1000)
  for (const [name, connector] of parts.connectors)
    connector
      .probe()
      .catch((error: unknown) =>
        log.warn({ connector: name, error: errorText(error) }, 'a connector is not ready'),
      )
  return {
    parts,
    close: async () => {
      clearInterval(timer)
      stopping.abort()
      await Promise.all([parts.close(GRACE_MILLIS), running])
    },
  }
}

/** One call may take this part of the lease: grant and read back together end before somebody else takes over. */
const OPERATION_SHARE = 0.4
