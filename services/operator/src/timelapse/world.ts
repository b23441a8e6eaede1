import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instant } from '@portcullis/core'
import { DEFAULT_WORKER_SETTINGS, type Log } from '@portcullis/engine'
import { createVirtualJobs, type VirtualJobs } from '@portcullis/jobs'
import type { MailTransport, OutgoingMail } from '@portcullis/notifications'
import { type Connector, ConnectorError, createFileConnector } from '@portcullis/provisioning'
import { openRuntime, type RunningParts, type Runtime, readConfig } from '@portcullis/runtime'

/** A connector that can be made to fail, as a target that is down. */
export interface FailingConnector extends Connector {
  fail(yes: boolean): void
  /** Calls of any kind so far. */
  readonly calls: number
}

/**
 * The whole engine in this process, under a clock that only the play moves. Queue transport, SMTP and clock are
 * swapped; everything else is what runs in production.
 */
export interface World {
  readonly clock: { now(): Instant; set(instant: Instant): void }
  readonly runtime: Runtime
  readonly parts: RunningParts
  readonly jobs: VirtualJobs
  readonly connector: FailingConnector
  readonly mails: readonly OutgoingMail[]
  /** The memberships file that the connector writes. */
  readonly membershipsPath: string
  /** Problems that the engine logged. */
  readonly problems: readonly string[]
  close(): Promise<void>
}

const DAY_SECONDS = 86_400

/** A virtual day passes in a moment: sweeps once a day, alarms a little further ahead. */
const SETTINGS = {
  ...DEFAULT_WORKER_SETTINGS,
  sweepSeconds: DAY_SECONDS,
  horizonMillis: (DAY_SECONDS + 3600) * 1000,
}

export const openWorld = async (start: Instant, zone: string): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-timelapse-'))
  // Run by root, the database belongs to a user of its own, who must get in.
  await chmod(folder, 0o711)
  let now = start
  const clock = {
    now: () => now,
    set: (instant: Instant) => {
      now = instant
    },
  }
  const jobs = createVirtualJobs(clock)
  const mails: OutgoingMail[] = []
  const problems: string[] = []
  const membershipsPath = join(folder, 'memberships.csv')
  const connector = failing(createFileConnector({ name: 'file', path: membershipsPath, clock }))
  const config = readConfig(
    {
      PORTCULLIS_DATA: folder,
      PORTCULLIS_ZONE: zone,
      PORTCULLIS_ORGANISATION: 'Northwind Harbour',
    },
    folder,
  )
  const runtime = await openRuntime(config, {
    log: collecting(problems),
    clock,
    database: 'own',
    swap: {
      jobs: () => jobs,
      transport: keeping(mails),
      connectors: new Map([['file', connector]]),
    },
  })
  const parts = await runtime.worker(SETTINGS)
  const stopping = new AbortController()
  const running = parts.worker.run(stopping.signal)
  await parts.worker.schedule()
  return {
    clock,
    runtime,
    parts,
    jobs,
    connector,
    mails,
    membershipsPath,
    problems,
    close: async () => {
      stopping.abort()
      await running
      await parts.close()
      await runtime.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const collecting = (problems: string[]): Log => ({
  debug: () => {},
  info: () => {},
  // A connector that is down is part of the play.
  warn: () => {},
  error: (data, message) => {
    problems.push(`${message} ${JSON.stringify(data)}`)
  },
})

const keeping = (mails: OutgoingMail[]): MailTransport => ({
  send: async (mail) => {
    mails.push(mail)
    return { kind: 'accepted', reply: 'kept' }
  },
  close: async () => {},
})

const failing = (inner: Connector): FailingConnector => {
  let down = false
  let calls = 0
  const unlessDown = <Result>(work: () => Promise<Result>): Promise<Result> => {
    calls += 1
    return down
      ? Promise.reject(
          new ConnectorError('file.down', 'the system does not answer', { transient: true }),
        )
      : work()
  }
  return {
    name: inner.name,
    probe: () => inner.probe(),
    readBack: (access, signal) => unlessDown(() => inner.readBack(access, signal)),
    grant: (access, signal) => unlessDown(() => inner.grant(access, signal)),
    revoke: (access, signal) => unlessDown(() => inner.revoke(access, signal)),
    close: () => inner.close(),
    fail: (yes) => {
      down = yes
    },
    get calls() {
      return calls
    },
  }
}
