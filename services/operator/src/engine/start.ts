import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createLogger,
  type RunningApi,
  type RunningProbes,
  startApi,
  startProbes,
} from '@portcullis/api'
import { codeOf } from '@portcullis/core'
import type { Log } from '@portcullis/engine'
import {
  type Config,
  ConfigError,
  createInstruments,
  dataPaths,
  type Monitor,
  openMonitor,
  openRuntime,
  type Runtime,
} from '@portcullis/runtime'
import { type RunningWorker, startWorker } from '@portcullis/worker'
import { configFrom } from '../cli/context.ts'
import type { Output } from '../cli/output.ts'
import { loadSampleOnce } from '../sample/loadSample.ts'
import { welcome } from '../sample/welcome.ts'

export interface StartFlags {
  readonly data?: string
  readonly sample: boolean
}

/** What one process runs. */
export type Part = 'all' | 'api' | 'worker'

/**
 * Runs the engine until SIGINT or SIGTERM, then stops gracefully: says that it isn't ready, takes no new requests, jobs
 * under way finish or go back, the database last.
 * A second signal ends at once.
 */
export const start = async (part: Part, flags: StartFlags, output: Output): Promise<void> => {
  const config = configFrom(flags)
  const logger = createLogger(config.logLevel)
  logWarnings(logger)
  const stopped = stopSignal()
  output.note(`Starting on the data in ${config.dataDir} …`)
  const runtime = await openRuntime(config, {
    log: logger,
    instruments: createInstruments({ process: true }),
    database: part === 'all' ? 'own' : 'attach',
  })
  let monitor: Monitor | undefined
  let api: RunningApi | undefined
  let probes: RunningProbes | undefined
  let worker: RunningWorker | undefined
  try {
    monitor = await openMonitor(runtime, {
      serves: { api: part !== 'worker', worker: part !== 'api' },
      jobs: () => worker?.parts.jobs,
    })
    // First, so that an address that can't be had is told before anything is done.
    if (part === 'worker') probes = await listenForProbes(runtime, logger, monitor)
    else api = await listen(runtime, logger, monitor)
    if (part !== 'api') worker = await startWorker(runtime)
    // A database of one's own is for one's own people.
    if (flags.sample && config.databaseUrl === undefined) await loadSampleOnce(runtime, output)
    if (api === undefined) {
      await output.print(`The worker runs; its probes are at ${probes?.url}. Stop with Ctrl-C.`, {
        event: 'started',
        part,
        probes: probes?.url,
      })
    } else {
      const greeting = await welcome(runtime, api.url)
      await output.print(greeting.text, greeting.value)
    }
    const evicted = await Promise.race([stopped, runtime.evicted])
    if (evicted !== undefined) throw evicted
    monitor.readiness.drain()
    if (config.drainMillis > 0) {
      output.note(`Stopping in ${config.drainMillis / 1000} s: load balancers are told first …`)
      await delay(config.drainMillis)
    }
    output.note('Stopping: what is under way is finished first …')
  } finally {
    // The API first: its last answers wait for what the worker does.
    await closeAll([api, worker, probes, monitor, runtime])
  }
  output.note('Stopped. Everything is kept; start again with the same command.')
}

/** Listens, and leaves the address in the data folder for commands on this machine. */
const listen = async (
  runtime: Runtime,
  logger: ReturnType<typeof createLogger>,
  monitor: Monitor,
): Promise<RunningApi> => {
  const { config } = runtime
  const api = await startApi(runtime, logger, monitor).catch((error: unknown) => {
    throw asConfigError(error, { ...config, names: 'PORTCULLIS' })
  })
  const { address } = dataPaths(config.dataDir)
  await writeFile(address, `${api.url}\n`)
  return {
    url: api.url,
    close: async () => {
      await rm(address, { force: true })
      await api.close()
    },
  }
}

/** A worker alone has nothing to serve but its probes. */
const listenForProbes = async (
  runtime: Runtime,
  logger: ReturnType<typeof createLogger>,
  monitor: Monitor,
): Promise<RunningProbes> => {
  const { workerHost: host, workerPort: port } = runtime.config
  const probes = await startProbes(runtime, logger, monitor).catch((error: unknown) => {
    throw asConfigError(error, { host, port, names: 'PORTCULLIS_WORKER' })
  })
  logger.info({ url: probes.url }, 'probes are answered here')
  return probes
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
