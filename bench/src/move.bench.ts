import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { openPostgresStoredLog } from '@portcullis/event-store'
import { startDoubleProcess } from '@portcullis/event-store/testing'
import { createDatabase } from './createDatabase.ts'
import type { Result } from './harness.ts'
import { storedLogOf } from './storedLog.ts'

/**
 * `portcullis move` of a log into EventStoreDB, killed on the way and repeated, and back into an empty database. The
 * server is the double of its protocol, as a process.
 */
const EVENTS = Number(process.env.BENCH_EVENTS ?? 100_000)
/** Ten seconds lie between two signs of life: smaller logs are killed at the first. */
const KILLED_AT = EVENTS < 500_000 ? 0 : 0.2
const MAIN = fileURLToPath(new URL('../../services/operator/src/main.ts', import.meta.url))

const note = (line: string): void => void process.stderr.write(`${line}\n`)

interface Ended {
  readonly seconds: number
  readonly megabytes: number
  readonly answer: { readonly digest: string; readonly events: number; readonly found: number }
}

const startMove = (to: string, json: boolean, env: NodeJS.ProcessEnv): ChildProcess =>
  spawn(process.execPath, [MAIN, 'move', '--to', to, ...(json ? ['--json'] : [])], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Most memory that the process has had so far, in megabytes (Linux). */
const peakOf = async (pid: number | undefined): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
}

const moveToEnd = async (to: string, env: NodeJS.ProcessEnv): Promise<Ended> => {
  const begun = performance.now()
  const child = startMove(to, true, env)
  let megabytes = 0
  const timer = setInterval(() => {
    void peakOf(child.pid).then((peak) => {
      megabytes = Math.max(megabytes, peak)
    })
  }, 500)
  let printed = ''
  child.stdout?.on('data', (text: Buffer) => {
    printed += text.toString()
  })
  child.stderr?.pipe(process.stderr)
  const [code] = await once(child, 'close')
  clearInterval(timer)
  if (code !== 0) throw new Error(`move --to ${to} ended with ${code}`)
  return { seconds: (performance.now() - begun) / 1000, megabytes, answer: JSON.parse(printed) }
}

/** `kill -9` once it has copied a share. @returns after how many seconds */
const moveUntilKilled = async (to: string, env: NodeJS.ProcessEnv): Promise<number> => {
  const begun = performance.now()
  const child = startMove(to, false, env)
  let killed = false
  if (child.stderr === null) throw new Error('the process has no standard error')
  for await (const line of createInterface({ input: child.stderr })) {
    note(line)
    const done = /^copying: ([\d,]+) of/.exec(line)?.[1]?.replaceAll(',', '')
    if (killed || done === undefined || Number(done) < KILLED_AT * EVENTS) continue
    child.kill('SIGKILL')
    killed = true
  }
  if (!killed) throw new Error('it ended before it could be killed: raise BENCH_EVENTS')
  return (performance.now() - begun) / 1000
}

const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const server = await startEmbeddedPostgres({ dataDir: folder, log: note })
const double = await startDoubleProcess({ file: path.join(folder, 'eventstoredb.jsonl') })
try {
  const here = { DATABASE_URL: server.url, EVENTSTORE_URL: double.url, EVENTSTORE_PREFIX: '' }
  const back = { ...here, DATABASE_URL: await createDatabase(server.url, 'back') }

  const source = await openPostgresStoredLog(server.url)
  let filled = 0
  for (const page of storedLogOf(EVENTS)) {
    await source.fill(page, filled)
    filled += page.length
  }
  await source.close()
  note(`a log of ${filled} events`)

  const killedAfter = await moveUntilKilled('eventstoredb', here)
  const there = await moveToEnd('eventstoredb', here)
  const again = await moveToEnd('eventstoredb', here)
  const home = await moveToEnd('postgresql', back)
  const { digest } = there.answer
  if ([again, home].some(({ answer }) => answer.digest !== digest || answer.events !== EVENTS))
    throw new Error('the digests differ')

  const results: Record<string, Result> = {
    events: { value: EVENTS, unit: 'events' },
    'there before the kill': { value: there.answer.found, unit: 'events' },
    // What is neither comparing nor verifying: either reads both logs once, as far as they go.
    'copying to EventStoreDB, the rest': perSecond(
      EVENTS - there.answer.found,
      there.seconds - (again.seconds * (EVENTS + there.answer.found)) / (2 * EVENTS),
    ),
    'compare and verify': perSecond(EVENTS, again.seconds),
    'to PostgreSQL, with verification': perSecond(EVENTS, home.seconds),
    'there, with kill, resumption and verification': seconds(killedAfter + there.seconds),
    'back, with verification': seconds(home.seconds),
    'most memory of a move': {
      value: Math.round(Math.max(there.megabytes, again.megabytes, home.megabytes)),
      unit: 'MB',
    },
  }
  for (const [name, { value, unit }] of Object.entries(results))
    process.stdout.write(`${name.padEnd(46)} ${value.toLocaleString('en').padStart(10)} ${unit}\n`)
  process.stdout.write(`SHA-256 of all three logs: ${digest}\n`)
  process.stdout.write(`${JSON.stringify({ bench: 'move', results, digest })}\n`)
} finally {
  await double.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}

function perSecond(events: number, seconds: number): Result {
  return { value: Math.round(events / seconds), unit: 'events/s' }
}

function seconds(value: number): Result {
  return { value: Math.round(value), unit: 's' }
}
