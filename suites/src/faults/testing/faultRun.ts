import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { addMillis, toMillis } from '@portcullis/core'
import { importDirectory } from '@portcullis/directory'
import { silentLog } from '@portcullis/engine'
import { testDatabase } from '@portcullis/postgres/testing'
import { openRuntime, type Runtime, readConfig, systemClock } from '@portcullis/runtime'
import { NOTHING_OPEN, whatIsOpen } from '../../crash/testing/ends.ts'
import { lastLines } from '../../crash/testing/engineProcess.ts'
import { createRandom, type Random } from '../../crash/testing/random.ts'
import { type Acts, createActs } from './acts.ts'
import type { FaultTarget } from './faultTargets.ts'
import { type Fault, type FaultyProxy, openFaultyProxy } from './faultyProxy.ts'
import { changingRoles, packagesOf, writeOrganisation } from './organisation.ts'
import { createVictim, type Victim } from './victim.ts'

/** An engine whose targets fail and whose worker is killed. */
export interface FaultRun {
  readonly runtime: Runtime
  readonly acts: Acts
  readonly targets: readonly FaultTarget[]
  readonly proxies: readonly FaultyProxy[]
  /** Kills so far, and by how much the clock was put forward, milliseconds. */
  readonly stats: { kills: number; aheadMillis: number }
  /**
   * Acts while the targets fail so, and the worker is killed in the middle; the faults go on for so much of the
   * engine's time, then the targets work again, and the run is over when nothing is left to do.
   */
  suffer(options: SufferOptions): Promise<void>
  close(): Promise<void>
}

export interface SufferOptions {
  readonly fault: Fault
  readonly acts: number
  readonly kills: number
  /** Of the engine's clock. */
  readonly lastsMillis: number
}

export const LEASE_SECONDS = 10
const POLL_MILLIS = 100
/** Nothing moved for so long: what remains waits for the clock. */
const STILL_MILLIS = 400
/** The clock is put forward to what is due next, but by no more than this. */
const LONGEST_JUMP_MILLIS = 15 * 60_000
/**
 * Several retries that are due close together are one jump: faults last for about so many. Each is longer than a lease
 * that its holder can't give back.
 */
const JUMPS = 8
/** Each kill comes with one of so many exchanges after the last one. */
const KILL_WITHIN = 25
/** Longer than it ever takes; then what is open is told. */
const PATIENCE_MILLIS = 240_000

export const openFaultRun = async (
  seed: number,
  targets: readonly FaultTarget[],
): Promise<FaultRun> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-faults-'))
  await chmod(folder, 0o755)
  const database = await testDatabase()
  // Of their own: how often the engine asks isn't drawn, and what is asked of it shouldn't depend on that.
  const [ours, theirs] = [createRandom(seed), createRandom(seed + 1)]
  const stats = { kills: 0, aheadMillis: 0 }
  const clock = { now: () => addMillis(systemClock.now(), stats.aheadMillis) }
  let seen = (): void => {}
  const proxies = await Promise.all(
    targets.map(({ port }) => openFaultyProxy(port, theirs, () => seen())),
  )
  const logFile = join(folder, 'worker.log')
  const env = await environment(folder, database.url, targets, proxies)
  const victim = createVictim(env, logFile)
  let runtime: Runtime | undefined
  const close = async (): Promise<void> => {
    await victim.kill()
    await runtime?.close()
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await Promise.all(targets.map((target) => target.close()))
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await writeOrganisation(join(folder, 'organisation'), targets)
    const opened = await openRuntime(readConfig(env, folder), {
      log: silentLog,
      clock,
      database: 'attach',
    })
    runtime = opened
    await importDirectory(opened.pool, join(folder, 'organisation'), { now: clock.now() })
    const acts = createActs(opened.application.execute, ours, clock, changingRoles(targets))
    await victim.start()
    await acts.create(packagesOf(targets))
    const jump = async (atLeastMillis: number): Promise<void> => {
      const now = clock.now()
      const { rows } = await opened.pool.query<{ due: string | null }>(
        'select min(due_at) as due from portcullis_views.deadlines where due_at > $1 and due_at <= $2',
        [now, addMillis(now, LONGEST_JUMP_MILLIS)],
      )
      const due = rows[0]?.due ?? null
      const wait = due === null ? 0 : toMillis(due) - toMillis(now)
      stats.aheadMillis += Math.max(wait, atLeastMillis)
      victim.ahead(stats.aheadMillis)
    }
    const suffer = sufferer(
      { runtime: opened, acts, proxies, victim, stats, theirs, jump },
      (next) => {
        seen = next
      },
    )
    return {
      runtime: opened,
      acts,
      targets,
      proxies,
      stats,
      suffer: async (options) => {
        try {
          await Promise.race([suffer(options), victim.died])
        } catch (error) {
          const lines = await lastLines(logFile)
          throw new Error(`seed ${seed}; last lines of the worker:\n${lines}`, { cause: error })
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Parts extends Pick<FaultRun, 'runtime' | 'acts' | 'proxies' | 'stats'> {
  readonly victim: Victim
  readonly theirs: Random
  /** Puts the clock forward to what is due next. */
  jump(atLeastMillis: number): Promise<void>
}

const sufferer =
  (parts: Parts, onExchange: (seen: () => void) => void) =>
  async ({ fault, acts, kills, lastsMillis }: SufferOptions): Promise<void> => {
    const { runtime, proxies, victim, stats, theirs, jump } = parts
    const begun = runtime.clock.now()
    const killing: Promise<void>[] = []
    let left = kills
    const drawKill = (): void => {
      let more = theirs.int(1, KILL_WITHIN)
      onExchange(() => {
        more -= 1
        if (more !== 0 || left === 0) return
        left -= 1
        killing.push(victim.kill())
      })
    }
    drawKill()
    for (const proxy of proxies) proxy.set(fault)
    const half = Math.ceil(acts / 2)
    await parts.acts.act(half)
    const patience = performance.now() + PATIENCE_MILLIS
    let toAct = acts - half
    let [before, movedAt] = ['', performance.now()]
    for (;;) {
      if (!victim.running()) {
        await Promise.all(killing)
        stats.kills += 1
        // What comes meanwhile is found by the one who starts.
        await parts.acts.act(toAct)
        toAct = 0
        await victim.start()
        drawKill()
      }
      const over = toMillis(runtime.clock.now()) - toMillis(begun) >= lastsMillis
      if (over) for (const proxy of proxies) proxy.set(null)
      const open = await whatIsOpen(runtime)
      const nothing = JSON.stringify(open) === JSON.stringify(NOTHING_OPEN)
      if (nothing && over && left === 0 && toAct === 0) return
      // No more exchanges come that could bring a kill: it comes now, and the rest is done.
      if (nothing && (left > 0 || toAct > 0)) {
        left = Math.max(0, left - 1)
        await victim.kill()
        continue
      }
      const state = `${JSON.stringify(open)} ${await runtime.store.head()}`
      if (state !== before) [before, movedAt] = [state, performance.now()]
      else if (performance.now() - movedAt > STILL_MILLIS) {
        await jump(lastsMillis / JUMPS)
        movedAt = performance.now()
      }
      if (performance.now() > patience) throw new Error(`doesn't come to rest: ${state}`)
      await delay(POLL_MILLIS)
    }
  }

/**
 * Configuration of the worker and of this process's own runtime.
 * @param proxies where each target is reached
 */
export const environment = async (
  folder: string,
  databaseUrl: string,
  targets: readonly FaultTarget[],
  proxies: readonly Pick<FaultyProxy, 'port'>[],
): Promise<Readonly<Record<string, string>>> => {
  const connectors = join(folder, 'connectors.json')
  const entries = targets.map((target, index) => target.configuration(proxies[index]?.port ?? 0))
  await writeFile(connectors, JSON.stringify(entries))
  await mkdir(join(folder, 'data'))
  return {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: databaseUrl,
    PORTCULLIS_DATA: join(folder, 'data'),
    PORTCULLIS_CONNECTORS: connectors,
    PORTCULLIS_PORT: '0',
    PORTCULLIS_PUBLIC_URL: 'http://127.0.0.1:1',
    PORTCULLIS_SWEEP_SECONDS: '1',
    PORTCULLIS_STALE_SECONDS: '1',
    PORTCULLIS_LEASE_SECONDS: String(LEASE_SECONDS),
    PORTCULLIS_LOG_LEVEL: 'warn',
    ...Object.assign({}, ...targets.map(({ env }) => env)),
  }
}
