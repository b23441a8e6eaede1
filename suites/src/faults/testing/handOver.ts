import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addMillis, type Instant, toMillis } from '@portcullis/core'
import { importDirectory } from '@portcullis/directory'
import { silentLog } from '@portcullis/engine'
import { testDatabase } from '@portcullis/postgres/testing'
import { openRuntime, readConfig, systemClock } from '@portcullis/runtime'
import { lastLines } from '../../crash/testing/engineProcess.ts'
import type { Random } from '../../crash/testing/random.ts'
import { settled } from '../../crash/testing/rest.ts'
import { createSender } from './acts.ts'
import { environment, LEASE_SECONDS } from './faultRun.ts'
import { scimTarget } from './faultTargets.ts'
import type { Judged } from './faultVerdict.ts'
import { changers, createPackage, packagesOf, writeOrganisation } from './organisation.ts'
import { createVictim } from './victim.ts'

/** One role that two packages confer; people change from the first one to the second while the worker is killed. */
export interface HandOver extends Judged {
  /** Each moment in which somebody was without the role who had got it before; nobody gives it up. */
  readonly gaps: readonly string[]
  /** People whom the target has had in the role at any time. */
  readonly delivered: ReadonlySet<string>
  readonly kills: readonly string[]
  /**
   * Gives these people the first package until a time, and the second one from that time on, or seconds before it; ends
   * when nothing is left to do.
   * @param kill `among commands`: before the end, while the second package is given; in both cases once more, while
   *   what is due at the end is done.
   */
  change(personIds: readonly string[], kill: 'at the end' | 'among commands'): Promise<void>
  /** Assignments that hold the role, by person. */
  holders(): Promise<Readonly<Record<string, readonly string[]>>>
  close(): Promise<void>
}

/** Of the two packages' roles, the one that they share. */
export const SHARED = 'scim-b'
const [FIRST, SECOND] = ['scim-first', 'scim-second']
const HOUR = 3_600_000
/** Of the engine's clock: enough to send what is sent before the end. */
const JUST_BEFORE_MILLIS = 60_000
/** The kill at the end comes with one of so many exchanges, or with none. */
const KILL_WITHIN = 8

export const openHandOver = async (random: Random): Promise<HandOver> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-hand-over-'))
  await chmod(folder, 0o755)
  const database = await testDatabase()
  let seen = (): void => {}
  const target = await scimTarget(() => seen())
  const logFile = join(folder, 'worker.log')
  const env = await environment(folder, database.url, [target], [target])
  const victim = createVictim(env, logFile)
  const stats = { aheadMillis: 0 }
  const clock = { now: () => addMillis(systemClock.now(), stats.aheadMillis) }
  await writeOrganisation(join(folder, 'organisation'), [target], changers)
  const runtime = await openRuntime(readConfig(env, folder), {
    log: silentLog,
    clock,
    database: 'attach',
  })
  await importDirectory(runtime.pool, join(folder, 'organisation'))
  const sender = createSender(runtime.application.execute)
  const gaps: string[] = []
  const kills: string[] = []
  const delivered = new Set<string>()
  target.watch((resourceId, personIds) => {
    if (resourceId !== SHARED) return
    const without = [...delivered].filter((id) => !personIds.includes(id))
    gaps.push(...without.map((id) => `${id} at ${clock.now()}`))
    for (const id of personIds) delivered.add(id)
  })

  const advance = (millis: number): void => {
    stats.aheadMillis += millis
    victim.ahead(stats.aheadMillis)
  }
  const advanceTo = (instant: Instant): void => {
    const millis = toMillis(instant) - toMillis(clock.now())
    if (millis < 0) throw new Error(`the machine was too slow: it is after ${instant} already`)
    advance(millis)
  }
  const assign = (packageId: string, subjectId: string, between: Partial<Between>) =>
    sender.send({
      type: 'AssignDirectly',
      packageId,
      subjectId,
      policyId: `${packageId}-open`,
      startAt: null,
      endAt: null,
      justification: null,
      ...between,
    })
  const rest = () => Promise.race([settled(runtime, { requests: changers.length }), victim.died])

  /**
   * Everything falls due, and the worker is killed with one of the next exchanges; when none comes any more, it is
   * killed at rest.
   */
  const endAndKill = async (endAt: Instant, alive: boolean): Promise<void> => {
    const gone = Promise.withResolvers<void>()
    let more = random.int(0, KILL_WITHIN)
    let killed = false
    const kill = (when: string): void => {
      if (killed) return
      killed = true
      seen = () => {}
      kills.push(when)
      victim.kill().then(gone.resolve, gone.reject)
    }
    const drawn = more
    seen = () => {
      more -= 1
      if (more === 0) kill(`with exchange ${drawn} at the end`)
    }
    advanceTo(endAt)
    if (!alive) await victim.start()
    if (drawn === 0) kill('at the end')
    const done = rest().then(() => kill('after the end'))
    // It may wait for what only the next worker does, which isn't there yet.
    done.catch(gone.reject)
    await gone.promise
    // As long as it takes until nobody waits for the dead one any more.
    advance((LEASE_SECONDS + 1) * 1_000)
    await victim.start()
    await done
  }

  const change: HandOver['change'] = async (personIds, kill) => {
    const mixed = random.shuffled(personIds)
    const scheduled = mixed.slice(0, mixed.length / 2)
    const direct = mixed.slice(mixed.length / 2)
    const endAt = addMillis(clock.now(), HOUR)
    await Promise.all(mixed.map((id) => assign(FIRST, id, { endAt })))
    await Promise.all(scheduled.map((id) => assign(SECOND, id, { startAt: endAt })))
    await rest()
    advanceTo(addMillis(endAt, -JUST_BEFORE_MILLIS))
    const last = kill === 'among commands' ? random.int(1, direct.length) : undefined
    let killing: Promise<void> | undefined
    for (const [index, id] of direct.entries()) {
      await assign(SECOND, id, {})
      if (index + 1 !== last) continue
      kills.push(`after command ${last}`)
      killing = victim.kill()
    }
    await killing
    await endAndKill(endAt, killing === undefined)
    await rest()
  }

  const close = async (): Promise<void> => {
    await victim.kill()
    await runtime.close()
    await target.close()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await victim.start()
    for (const each of packagesOf([target])) await sender.send(createPackage(each))
  } catch (error) {
    await close()
    throw error
  }
  return {
    runtime,
    targets: [target],
    acts: sender,
    stats,
    gaps,
    delivered,
    kills,
    change: async (personIds, kill) => {
      try {
        await change(personIds, kill)
      } catch (error) {
        throw new Error(`last lines of the worker:\n${await lastLines(logFile)}`, { cause: error })
      }
    },
    holders: async () => {
      const { rows } = await runtime.pool.query<{ subject: string; holders: readonly string[] }>(
        `select split_part(id, '.', 3) as subject, holder_ids as holders
           from portcullis_views.grants where id like $1 order by id`,
        [`${SHARED}.%`],
      )
      return Object.fromEntries(rows.map(({ subject, holders }) => [subject, holders]))
    },
    close,
  }
}

interface Between {
  readonly startAt: Instant
  readonly endAt: Instant
}
