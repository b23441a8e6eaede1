import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DEFAULT_WORKER_SETTINGS } from '@portcullis/engine'
import type { Connector, DriftScan, Holder, TargetRole } from '@portcullis/provisioning'
import { openRuntime, type Runtime, readConfig, systemClock } from '@portcullis/runtime'
import { ADMINISTRATOR, settle } from './commands/organisation.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'

/**
 * A scan of a resource that few have and of one that many have, side by side in one installation: holders a second, and
 * what it takes of memory. Nothing has drifted.
 */
const MANY = Number(process.env.BENCH_HOLDERS ?? 300_000)
const FEW = Math.max(1, Math.round(MANY / 30))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const PAGE = 1_000
const POLL_MILLIS = 20
const SAMPLE_MILLIS = 20
const MEGABYTE = 1024 * 1024

/** Everybody of the first `count` people has the role. */
const holders = { few: FEW, many: MANY }
type Resource = keyof typeof holders

async function* pages({ resource }: TargetRole): AsyncIterable<readonly Holder[]> {
  const count = resource.id === 'few' ? FEW : MANY
  for (let from = 0; from < count; from += PAGE)
    yield Array.from({ length: Math.min(PAGE, count - from) }, (_, index) => {
      const userName = `holder-${from + index}`
      return { subjectId: null, userName, email: null, label: userName }
    })
}

const untouched = (): never => {
  throw new Error('nothing has drifted')
}

const target: Connector = {
  name: 'target',
  probe: async () => {},
  readBack: untouched,
  grant: untouched,
  revoke: untouched,
  holders: pages,
  close: async () => {},
}

const fill = async ({ pool }: Runtime): Promise<void> => {
  await pool.query(
    `insert into portcullis_directory.people
       (id, user_name, display_name, email, enabled, locale, directory_roles, folded_name)
     select 'holder-' || i, 'holder-' || i, 'Name of holder-' || i, 'holder-' || i || '@example.com', true, 'en', '{}', 'name of holder-' || i
     from generate_series(0, $1::integer - 1) as i`,
    [MANY],
  )
  for (const [resource, count] of Object.entries(holders)) {
    await pool.query(
      `insert into portcullis_directory.resources (id, kind, display_name, description, connector, external_id)
       values ($1, 'application', $1, '', 'target', $1)`,
      [resource],
    )
    await pool.query(
      `insert into portcullis_directory.resource_roles (resource_id, id, display_name, external_id, place)
       values ($1, 'member', 'Member', 'member', 0)`,
      [resource],
    )
    await pool.query(
      `insert into portcullis_views.grants
         (id, seq, resource_id, role_id, subject_id, holder_ids, actual, preexisting, operation, lease_until, failed_attempts,
          last_error, retry_at, settled, updated_at, known, failed, wait, released_ids)
       select $1 || '.member.holder-' || i, 1000000 + i, $1, 'member', 'holder-' || i,
         jsonb_build_array('package-0.holder-' || i || '.a1'), 'present', false, null, null, 0, null::jsonb, null, true,
         '2026-01-01T00:00:00.000Z', true, null::jsonb, null, '[]'::jsonb
       from generate_series(0, $2::integer - 1) as i`,
      [resource, count],
    )
  }
  await pool.query('vacuum analyze')
}

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }
const runtime = await openRuntime(
  readConfig({ PORTCULLIS_DATA: path.join(folder, 'data'), PORTCULLIS_PORT: '0' }, folder),
  {
    log,
    clock: systemClock,
    database: 'own',
    swap: { connectors: new Map([[target.name, target]]) },
  },
)

const scan = async (resourceId: Resource): Promise<DriftScan> => {
  const scanId = randomUUID()
  const answer = await runtime.application.execute(
    { type: 'StartDriftScan', resourceId, dryRun: false },
    {
      commandId: scanId,
      caller: { actor: { kind: 'user', id: ADMINISTRATOR }, directoryRoles: [] },
    },
  )
  if (!answer.ok) throw new Error(answer.refusal.message)
  for (;;) {
    const now = await runtime.driftRecords.scan(scanId)
    if (now?.status === 'failed') throw new Error(now.error?.message)
    if (now?.status === 'completed') return now
    await delay(POLL_MILLIS)
  }
}

const peaks: Record<Resource, number[]> = { few: [], many: [] }

const scanning = (name: string, resource: Resource): Contender => ({
  name,
  unit: 'holders/s',
  run: async () => {
    let peak = 0
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, SAMPLE_MILLIS)
    const value = await perSecond(holders[resource], async () => {
      const { counts } = await scan(resource)
      if (counts?.expected !== holders[resource] || counts.missing + counts.unexpected > 0)
        throw new Error(`not what is there: ${JSON.stringify(counts)}`)
    })
    clearInterval(sampling)
    peaks[resource].push(peak / MEGABYTE)
    return value
  },
})

const stop = new AbortController()
try {
  await settle(runtime, path.join(folder, 'directory'))
  await fill(runtime)
  const parts = await runtime.worker(DEFAULT_WORKER_SETTINGS)
  const running = parts.worker.run(stop.signal)
  const [few, many] = [
    scanning(`${FEW.toLocaleString('en')} holders`, 'few'),
    scanning(`${MANY.toLocaleString('en')} holders`, 'many'),
  ]
  const measured = new Map(await takeTurns([few, many], ROUNDS))
  const memory = ({ name }: Contender): Contender => ({
    name: `memory, ${name}`,
    unit: 'MB of the process at most',
    run: async () => 0,
  })
  measured.set(memory(few).name, peaks.few.slice(1))
  measured.set(memory(many).name, peaks.many.slice(1))
  report('drift', [few, many, memory(few), memory(many)], measured, [
    { of: many.name, against: few.name, aim: 0.8 },
    { of: memory(many).name, against: memory(few).name },
  ])
  stop.abort()
  await running
  await parts.close()
} finally {
  stop.abort()
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
}
