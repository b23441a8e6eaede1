import { SECOND_LOOKED } from '@portcullis/engine'
import { OVERDUE_KINDS } from '@portcullis/views'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Seconds: from a look into memory to a time-out. */
const CALL_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Seconds: jobs work on hundreds of things. */
const JOB_BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Seconds: an alarm rings up to a second late; more is a downtime. */
const LATENESS_BOUNDS = [0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600, 86_400]

/**
 * What one process counts of its own doing. Labels name kinds of things, connectors and queues: nothing of which there
 * are as many as people, packages or requests.
 * @param process also what Node says of the process itself; once in a process, for as long as it lives
 */
export const createInstruments = (options: { readonly process: boolean }) => {
  const registry = new Registry()
  const registers = [registry]
  if (options.process) collectDefaultMetrics({ register: registry })
  const instruments = {
    registry,
    httpRequests: new Histogram({
      name: 'portcullis_http_request_duration_seconds',
      help: 'Requests that were answered, by the pattern of their address.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: CALL_BOUNDS,
      registers,
    }),
    commands: new Histogram({
      name: 'portcullis_command_duration_seconds',
      help: 'Commands from outside: accepted, repeated (decided before), refused, or failed.',
      labelNames: ['command', 'outcome'] as const,
      buckets: CALL_BOUNDS,
      registers,
    }),
    appends: new Histogram({
      name: 'portcullis_append_duration_seconds',
      help: 'Appends to the log, of one stream or of many: done, conflict, or failed.',
      labelNames: ['outcome'] as const,
      buckets: CALL_BOUNDS,
      registers,
    }),
    appendedEvents: new Counter({
      name: 'portcullis_appended_events_total',
      help: 'Events that this process appended.',
      registers,
    }),
    conflicts: new Counter({
      name: 'portcullis_append_conflicts_total',
      help: 'Streams to which somebody else had appended first: each is loaded and decided again.',
      registers,
    }),
    jobs: new Histogram({
      name: 'portcullis_job_duration_seconds',
      help: 'Jobs that were run: done, or failed and tried again.',
      labelNames: ['queue', 'job', 'outcome'] as const,
      buckets: JOB_BOUNDS,
      registers,
    }),
    deadlines: new Histogram({
      name: 'portcullis_deadline_lateness_seconds',
      help: 'Deadlines that fired, from when they were due.',
      labelNames: ['kind'] as const,
      buckets: LATENESS_BOUNDS,
      registers,
    }),
    withoutEffect: new Counter({
      name: 'portcullis_commands_without_effect_total',
      help: 'Commands of the engine that were said to be done already although the log did not show it; each was sent again under a new id.',
      labelNames: ['command'] as const,
      registers,
    }),
    overdue: new Counter({
      name: 'portcullis_overdue_total',
      help: 'What a sweep found that should have ended, started or timed out, and its timer did nothing.',
      labelNames: ['kind'] as const,
      registers,
    }),
    mails: new Counter({
      name: 'portcullis_mails_total',
      help: 'Tries to send a mail: accepted, refused for good, later (put off), or withdrawn.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    connectorCalls: new Histogram({
      name: 'portcullis_connector_call_duration_seconds',
      help: 'Calls of connectors with their wait in the queue: done, awaited (by hand), transient, permanent, deferred (not called), or aborted.',
      labelNames: ['connector', 'operation', 'outcome'] as const,
      buckets: CALL_BOUNDS,
      registers,
    }),
    policyReports: new Counter({
      name: 'portcullis_csp_reports_total',
      help: 'Reports of browsers that a page of the portal tried something that its policy forbids.',
      labelNames: ['directive'] as const,
      registers,
    }),
    circuits: new Gauge({
      name: 'portcullis_connector_circuit',
      help: 'State of the circuit breaker in this process: 1 for the state it is in.',
      labelNames: ['connector', 'state'] as const,
      registers,
    }),
  }
  // From the start: Prometheus sees no increase in a counter that comes with its first one.
  for (const kind of OVERDUE_KINDS) instruments.overdue.inc({ kind }, 0)
  for (const command of SECOND_LOOKED) instruments.withoutEffect.inc({ command }, 0)
  return instruments
}

export type Instruments = ReturnType<typeof createInstruments>

const STATES = ['closed', 'half-open', 'open'] as const

/** Says which state a connector's circuit is in. */
export const setCircuit = (
  { circuits }: Pick<Instruments, 'circuits'>,
  connector: string,
  now: (typeof STATES)[number],
): void => {
  for (const state of STATES) circuits.set({ connector, state }, state === now ? 1 : 0)
}
