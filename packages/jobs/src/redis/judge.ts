import { RedisUnusable } from './errors.ts'

/** What a server says of itself in `INFO`, and in `CONFIG GET save` where that is allowed. */
export interface ServerFacts {
  readonly info: string
  /** undefined: CONFIG is forbidden, as on most managed servers. Empty: no snapshots. */
  readonly save: string | undefined
}

/** A server's facts against what the queue needs. */
export interface Judgement {
  readonly version: string
  /** Each says what is wrong, what would happen, and what to do. */
  readonly warnings: readonly string[]
}

/** BullMQ's scripts need commands of this version. */
const OLDEST = [6, 2] as const

const COMES_BACK =
  'What is due comes back by the sweep (PORTCULLIS_SWEEP_SECONDS, PORTCULLIS_STALE_SECONDS); until then deliveries, mails and timers are late, and how often a job was tried is forgotten.'

/**
 * Judges one node that is asked for jobs.
 * @throws RedisUnusable when it is too old, a replica, or of another kind than the address says
 */
export const judgeServer = (kind: 'single' | 'cluster' | 'sentinel', facts: ServerFacts) => {
  const field = fieldsOf(facts.info)
  const version = field.get('redis_version') ?? ''
  const mode = field.get('redis_mode')
  if (mode === 'sentinel')
    throw new RedisUnusable(
      'this is a Sentinel, which keeps no jobs; write redis+sentinel://host:26379/<name of the master>',
    )
  if (mode === 'cluster' && kind !== 'cluster')
    throw new RedisUnusable('this is a node of a cluster; write redis+cluster://')
  if (tooOld(version))
    throw new RedisUnusable(
      `this is Redis ${version}, and the queue needs ${OLDEST.join('.')} or newer; upgrade it`,
    )
  if (field.get('role') === 'slave' || field.get('role') === 'replica')
    throw new RedisUnusable(
      'this is a replica, which takes no jobs; name its master, or its Sentinels with redis+sentinel://',
    )
  return { version, warnings: warningsOf(field, facts.save) } satisfies Judgement
}

const fieldsOf = (info: string): ReadonlyMap<string, string> =>
  new Map(
    info.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )

/** A version that can't be read counts as new enough: some compatible servers name none. */
const tooOld = (version: string): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? []
  if (major === undefined || minor === undefined) return false
  return Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
}

const warningsOf = (
  field: ReadonlyMap<string, string>,
  save: string | undefined,
): readonly string[] => {
  const warnings: string[] = []
  const policy = field.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction')
    warnings.push(
      `maxmemory-policy is ${policy}: when memory runs short, Redis throws away jobs that wait. ${COMES_BACK} Set maxmemory-policy noeviction there.`,
    )
  if (field.get('aof_enabled') === '0') {
    if (save === '')
      warnings.push(
        `neither appendonly nor save is set: Redis keeps nothing on disk, and is empty after a restart. ${COMES_BACK} Set appendonly yes there.`,
      )
    if (save === undefined)
      warnings.push(
        `appendonly is off, and whether snapshots are kept can't be seen, since this user may not ask for CONFIG. Without them Redis is empty after a restart. ${COMES_BACK} Turn persistence on there if it is off.`,
      )
  }
  return warnings
}
