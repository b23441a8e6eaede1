import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '@portcullis/core'
import type { Log } from '@portcullis/engine'
import type { Config } from '../config.ts'
import { ConfigError } from '../configError.ts'
import { dataPaths } from '../dataFolder.ts'
import { createInstruments } from '../metrics/instruments.ts'
import { type Monitor, openMonitor } from '../monitor/monitor.ts'
import { openRuntime, type RunningParts, type Runtime } from '../runtime.ts'

interface Listening {
  readonly url: string
  close(): Promise<void>
}

interface Working {
  readonly parts: RunningParts
  close(): Promise<void>
}

/** What a process runs of the engine: the API, or its probes alone; a worker, or none. */
export interface EngineProcess {
  readonly config: Config
  readonly log: Log
  /** own: starts the embedded database. attach: it runs already. */
  readonly database: 'own' | 'attach'
  readonly listen:
    | { readonly kind: 'api'; start(runtime: Runtime, monitor: Monitor): Promise<Listening> }
    | { readonly kind: 'probes'; start(runtime: Runtime, monitor: Monitor): Promise<Listening> }
  readonly work?: (runtime: Runtime) => Promise<Working>
  /** Told when all runs. @param url of the API, or of the probes */
  readonly started: (runtime: Runtime, url: string) => Promise<void>
  /** Told how far start and stop are. */
  readonly note: (text: string) => void
}

/**
 * Runs the engine until SIGINT or SIGTERM, then stops gracefully: says that it isn't ready, takes no new requests, jobs
 * under way finish or go back, the database last.
 * A second signal ends at once.
 */
export const runEngine = async (engine: EngineProcess): Promise<void> => {
  const { config, log, note } = engine
  logWarnings(log)
  const stopped = stopSignal()
  note(`Starting on the data in ${config.dataDir} …`)
  const runtime = await openRuntime(config, {
    log,
    instruments: createInstruments({ process: true }),
    database: engine.database,
  })
  let monitor: Monitor | undefined
  let listening: Listening | undefined
  let working: Working | undefined
  try {
    monitor = await openMonitor(runtime, {
      serves: { api: engine.listen.kind === 'api', worker: engine.work !== undefined },
      jobs: () => working?.parts.jobs,
    })
    // First, so that an address that can't be had is told before anything is done.
    listening = await listen(engine, runtime, monitor)
    working = await engine.work?.(runtime)
    await engine.started(runtime, listening.url)
    const evicted = await Promise.race([stopped, runtime.evicted])
    if (evicted !== undefined) throw evicted
    monitor.readiness.drain()
    if (config.drainMillis > 0) {
      note(`Stopping in ${config.drainMillis / 1000} s: load balancers are told first …`)
      await delay(config.drainMillis)
    }
    note('Stopping: what is under way is finished first …')
  } finally {
    const [first, last] =
      engine.listen.kind === 'api' ? [listening, undefined] : [undefined, listening]
    // The API first: its last answers wait for what the worker does.
    await closeAll([first, working, last, monitor, runtime])
  }
  note('Stopped. Everything is kept; start again with the same command.')
}

/** An API leaves its address in the data folder, for commands on this machine. */
const listen = async (
  { config, log, listen: { kind, start } }: EngineProcess,
  runtime: Runtime,
  monitor: Monitor,
): Promise<Listening> => {
  const place =
    kind === 'api'
      ? { host: config.host, port: config.port, names: 'PORTCULLIS' }
      : { host: config.workerHost, port: config.workerPort, names: 'PORTCULLIS_WORKER' }
  const listening = await start(runtime, monitor).catch((error: unknown) => {
    throw asConfigError(error, place)
  })
  if (kind === 'probes') {
    log.info({ url: listening.url }, 'probes are answered here')
    return listening
  }
  const { address } = dataPaths(config.dataDir)
  await writeFile(address, `${listening.url}\n`)
  return {
    url: listening.url,
    close: async () => {
      await rm(address, { force: true })
      await listening.close()
    },
  }
}

const asConfigError = (
  error: unknown,
  { host, port, names }: Pick<Config, 'host' | 'port'> & { readonly names: string },
): unknown => {
  const code = codeOf(error)
  switch (code) {
    case 'EADDRINUSE':
      return new ConfigError([
        `${names}_PORT: port ${port} of ${host} is taken by another program; stop that one, or choose another port (0: any that is free)`,
      ])
    case 'EACCES':
      return new ConfigError([
        `${names}_PORT: this user may not listen on port ${port}; choose one above 1023`,
      ])
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError([
        `${names}_HOST: ${host} is not an address of this machine (${code}); use 127.0.0.1 for this machine alone, 0.0.0.0 for every network`,
      ])
    default:
      return error
  }
}

/** One that fails keeps no other from closing; the first failure is told. */
const closeAll = async (
  parts: readonly ({ close(): Promise<void> } | undefined)[],
): Promise<void> => {
  const failures: unknown[] = []
  for (const part of parts) await part?.close().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/**
 * Node writes its warnings to standard error as free text; a service has a log. Those about deprecated calls are for
 * developers.
 */
const logWarnings = (log: Log): void => {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    const level = warning.name === 'DeprecationWarning' ? 'debug' : 'warn'
    log[level]({ warning: warning.name, stack: warning.stack }, warning.message)
  })
}

const stopSignal = async (): Promise<void> => {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(SECOND_SIGNAL))
}

/** As a shell reports a process that SIGINT ended. */
const SECOND_SIGNAL = 130
