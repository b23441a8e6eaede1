import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCommandHandler, digestOf, type NewEvent, NO_STREAM } from '@portcullis/core'
import {
  type EntitlementCommand,
  type EntitlementFacts,
  entitlementDecider,
  entitlementId,
  entitlementStream,
  requestId,
} from '@portcullis/domain'
import type { OutsideCommand } from '@portcullis/engine'
import { openRuntime, type Runtime, readConfig, systemClock } from '@portcullis/runtime'
import { startCollector } from './commands/collector.ts'
import { createHttpClient } from './commands/httpClient.ts'
import { type Case, freshCases, settle, TERMS } from './commands/organisation.ts'
import { tokens } from './commands/tokens.ts'
import { type Comparison, type Contender, perSecond, report, takeTurns } from './harness.ts'

/**
 * Commands a second: each case is a request and its approval by somebody else, in an organisation of 10,000 people.
 * The measure is what the same store makes of the same events, appended durably without deciding anything.
 * The API runs in a process of its own, its clients in this one: both share the machine with PostgreSQL. A second one
 * records every request in a trace, and sends them to a collector here.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const COMMANDS_OF_A_CASE = 2

type Run = (of: Case) => Promise<void>

const submitOf = ({ packageId, subjectId }: Case) =>
  ({
    type: 'SubmitRequest',
    packageId,
    subjectId,
    policyId: null,
    justification: 'Needed for the launch of the new catalogue next month.',
  }) as const
const approveOf = (of: Case) =>
  ({
    type: 'DecideApproval',
    requestId: requestOf(of),
    decision: 'approve',
    justification: null,
  }) as const
const requestOf = (of: Case): string => requestId(entitlementId(of.packageId, of.subjectId), 1)
const streamOf = (of: Case): string => entitlementStream(entitlementId(of.packageId, of.subjectId))

const FACTS: EntitlementFacts = {
  actor: { directoryRoles: [], catalogRoles: [] },
  package: {
    exists: true,
    policies: [
      {
        policyId: 'standard',
        policyVersion: 1,
        enabled: true,
        terms: TERMS,
        basis: { kind: 'group', id: 'eng' },
        reason: null,
      },
    ],
  },
  subject: { exists: true, enabled: true },
  approverBasis: { kind: 'group', id: 'leads' },
}

const throughHandler = ({ store }: Runtime) => {
  const handle = createCommandHandler({ store, clock: systemClock })
  const send = async (of: Case, by: string, command: EntitlementCommand) => {
    const outcome = await handle({
      stream: streamOf(of),
      decider: entitlementDecider,
      command,
      envelope: {
        commandId: randomUUID(),
        actor: { kind: 'user', id: by },
        digest: digestOf(command),
      },
      facts: () => FACTS,
    })
    if (!outcome.ok) throw new Error(outcome.refusal.message)
    return outcome.events
  }
  return async (of: Case): Promise<readonly (readonly NewEvent[])[]> => [
    await send(of, of.subjectId, submitOf(of)),
    await send(of, of.approverId, approveOf(of)),
  ]
}

const throughApplication =
  ({ application }: Runtime): Run =>
  async (of) => {
    const send = async (by: string, command: OutsideCommand) => {
      const answer = await application.execute(command, {
        commandId: randomUUID(),
        caller: { actor: { kind: 'user', id: by }, directoryRoles: [] },
      })
      if (!answer.ok) throw new Error(answer.refusal.message)
    }
    await send(of.subjectId, submitOf(of))
    await send(of.approverId, approveOf(of))
  }

/** The events of one case, to be appended to other streams. */
const bareAppends = (
  { store }: Runtime,
  [submitted = [], approved = []]: Awaited<ReturnType<ReturnType<typeof throughHandler>>>,
): Run => {
  const anew = (events: readonly NewEvent[]) =>
    events.map((each) => ({ ...each, id: randomUUID() }))
  return async (of) => {
    const { revision } = await store.append(streamOf(of), NO_STREAM, anew(submitted))
    await store.append(streamOf(of), revision, anew(approved))
  }
}

const byCallers = async (callers: number, cases: readonly Case[], run: Run): Promise<void> => {
  const left = cases.values()
  const caller = async (): Promise<void> => {
    for (const of of left) await run(of)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

const contender = (name: string, callers: number, cases: number, run: Run): Contender => ({
  name: `${name}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`,
  unit: 'commands/s',
  run: () => {
    const fresh = freshCases(cases)
    return perSecond(cases * COMMANDS_OF_A_CASE, () => byCallers(callers, fresh, run))
  },
})

const httpContender = (
  name: 'HTTP' | 'HTTP with traces',
  url: string,
  tokenOf: (id: string) => Promise<string>,
  callers: number,
  cases: number,
): Contender => {
  const measured = contender(name, callers, cases, async () => {})
  return {
    ...measured,
    run: async () => {
      const client = createHttpClient(url, callers)
      const fresh = freshCases(cases)
      // Made before the clock runs: people come with their tokens.
      const held = new Map<string, string>()
      for (const { subjectId, approverId } of fresh)
        for (const id of [subjectId, approverId]) held.set(id, await tokenOf(id))
      const run: Run = async (of) => {
        const { justification } = submitOf(of)
        const submitted = `/v1/access-packages/${of.packageId}/requests`
        await client.post(submitted, held.get(of.subjectId) ?? '', { justification })
        const approved = `/v1/requests/${requestOf(of)}/approve`
        await client.post(approved, held.get(of.approverId) ?? '', {})
      }
      try {
        return await perSecond(cases * COMMANDS_OF_A_CASE, () => byCallers(callers, fresh, run))
      } finally {
        client.close()
      }
    },
  }
}

/** @param env besides what the API needs */
const startApiProcess = async (runtime: Runtime, env: Readonly<Record<string, string>> = {}) => {
  const child = fork(fileURLToPath(new URL('commands/apiProcess.ts', import.meta.url)), {
    env: {
      ...process.env,
      DATABASE_URL: runtime.databaseUrl,
      PORTCULLIS_DATA: runtime.config.dataDir,
      PORTCULLIS_RATE_LIMIT_CALLER: '0',
      PORTCULLIS_PORT: '0',
      ...env,
    },
  })
  const ended = once(child, 'exit')
  const [url] = await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`the API ended with ${code}`)
    }),
  ])
  return {
    url: String(url),
    stop: async () => {
      child.disconnect()
      await ended
    },
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }
const config = readConfig({ PORTCULLIS_DATA: 'data' }, folder)
const runtime = await openRuntime(config, { log, database: 'own' })
try {
  await settle(runtime, path.join(folder, 'directory'))
  const tokenOf = await tokens(runtime)
  const collector = await startCollector()
  const api = await startApiProcess(runtime)
  const traced = await startApiProcess(runtime, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  try {
    const handler = throughHandler(runtime)
    const handled: Run = async (of) => {
      await handler(of)
    }
    const [sample] = freshCases(1)
    if (sample === undefined) throw new Error('there is no case')
    const bare = bareAppends(runtime, await handler(sample))
    const application = throughApplication(runtime)
    const contenders: readonly Contender[] = [
      contender('bare appends', 1, 200, bare),
      contender('command handler', 1, 200, handled),
      contender('application', 1, 200, application),
      httpContender('HTTP', api.url, tokenOf, 1, 200),
      httpContender('HTTP with traces', traced.url, tokenOf, 1, 200),
      contender('bare appends', 32, 2000, bare),
      httpContender('HTTP', api.url, tokenOf, 32, 1000),
      httpContender('HTTP with traces', traced.url, tokenOf, 32, 1000),
      contender('bare appends', 64, 3000, bare),
      contender('command handler', 64, 2000, handled),
      contender('application', 64, 1500, application),
    ]
    const against = (of: string, callers: string): Comparison => ({
      of: `${of}, ${callers}`,
      against: `bare appends, ${callers}`,
    })
    report('commands', contenders, await takeTurns(contenders, ROUNDS), [
      against('command handler', '1 caller'),
      against('application', '1 caller'),
      against('HTTP', '1 caller'),
      against('HTTP', '32 callers'),
      { of: 'HTTP with traces, 1 caller', against: 'HTTP, 1 caller' },
      { of: 'HTTP with traces, 32 callers', against: 'HTTP, 32 callers' },
      against('command handler', '64 callers'),
      against('application', '64 callers'),
    ])
  } finally {
    await api.stop()
    await traced.stop()
    await collector.close()
  }
} finally {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
}
