import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createLogger, createTokenIssuer, startApi } from '@portcullis/api'
import { dataPaths, openRuntime, type Runtime, readConfig, systemClock } from '@portcullis/runtime'
import { to as copyTo } from 'pg-copy-streams'
import { settle } from './commands/organisation.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'
import { fillAssignments } from './manyRows.ts'

/**
 * Lists downloaded over HTTP with all names, against the database's own CSV of the same rows, which looks nothing up.
 */
const ROWS = Number(process.env.BENCH_ROWS ?? 300_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** What is held in memory once the garbage is gone, bytes. */
const liveBytes = (): number => {
  if (typeof collectGarbage === 'function') collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/**
 * Reads an answer to its end and keeps nothing of it.
 * @param onLines called now and then with the lines so far
 * @returns lines
 */
const download = async (
  url: string,
  token: string,
  onLines: (lines: number) => void = () => {},
): Promise<number> => {
  const [answer] = await once(
    get(url, { headers: { authorization: `Bearer ${token}` } }),
    'response',
  )
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode}`)
  let lines = 0
  for await (const part of answer) {
    for (const byte of part) if (byte === 10) lines += 1
    onLines(lines)
  }
  if (!answer.complete) throw new Error(`${url} broke off`)
  return lines - 1
}

const copy = async ({ pool }: Runtime, table: string): Promise<void> => {
  const client = await pool.connect()
  try {
    const rows = client.query(
      copyTo(
        `copy (select * from portcullis_views.${table} order by seq desc) to stdout csv header`,
      ),
    )
    for await (const _part of rows);
  } finally {
    client.release()
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }
const config = readConfig({ PORTCULLIS_DATA: 'data', PORTCULLIS_PORT: '0' }, folder)
const runtime = await openRuntime(config, { log, database: 'own' })
try {
  await settle(runtime, path.join(folder, 'directory'))
  const stop = new AbortController()
  const projecting = runtime.projections.run(stop.signal)
  await runtime.projections.waitFor(await runtime.store.head(), 60_000)
  stop.abort()
  await projecting
  await fillAssignments(runtime, ROWS)
  const issue = await createTokenIssuer({
    keyDir: dataPaths(config.dataDir).keys,
    clock: systemClock,
  })
  const { token } = await issue({ sub: 'admin', kind: 'user', ttlSeconds: 86_400 })
  const api = await startApi(runtime, createLogger('warn'))
  try {
    const csv = (table: string): Contender => ({
      name: `${table}.csv over HTTP`,
      unit: 'rows/s',
      run: () =>
        perSecond(ROWS, async () => {
          const lines = await download(`${api.url}/v1/${table}.csv`, token)
          if (lines !== ROWS) throw new Error(`${lines} lines of ${ROWS}`)
        }),
    })
    const bare = (table: string): Contender => ({
      name: `copy ${table} to stdout`,
      unit: 'rows/s',
      run: () => perSecond(ROWS, () => copy(runtime, table)),
    })
    const held = await heldWhile(`${api.url}/v1/assignments.csv`, token)
    process.stdout.write(
      `memory held by server and reader: ${mebibytes(held.early)} MiB after ${Math.round(ROWS / 10)} rows, ${mebibytes(held.late)} MiB after ${Math.round((ROWS * 9) / 10)}\n`,
    )
    const contenders = ['assignments', 'requests'].flatMap((table) => [bare(table), csv(table)])
    const measured = await takeTurns(contenders, ROUNDS)
    report(
      'csv',
      contenders,
      measured,
      ['assignments', 'requests'].map((table) => ({
        of: `${table}.csv over HTTP`,
        against: `copy ${table} to stdout`,
      })),
    )
  } finally {
    await api.close()
  }
} finally {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
}

/** Memory held after a tenth and after nine tenths of a download: it doesn't grow with the length of a list. */
async function heldWhile(
  url: string,
  token: string,
): Promise<{ readonly early: number; readonly late: number }> {
  const at = [ROWS / 10, (ROWS * 9) / 10]
  const held: number[] = []
  await download(url, token, (lines) => {
    const next = at[held.length]
    if (next !== undefined && lines >= next) held.push(liveBytes())
  })
  const [early = 0, late = 0] = held
  return { early, late }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}
