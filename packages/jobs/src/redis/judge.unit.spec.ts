import { describe, expect, it } from 'vitest'
import { judgeServer } from './judge.ts'

const info = (fields: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    redis_version: '7.0.15',
    redis_mode: 'standalone',
    role: 'master',
    maxmemory_policy: 'noeviction',
    aof_enabled: '1',
    ...fields,
  })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('# Section\r\n')

const judge = (fields: Readonly<Record<string, string>>, save?: string) =>
  judgeServer('single', { info: info(fields), save })

describe('what a Redis server says of itself', () => {
  it('is well where nothing is thrown away and everything is on disk', () => {
    expect(judge({}, '')).toEqual({ version: '7.0.15', warnings: [] })
    expect(judge({ aof_enabled: '0' }, '3600 1')).toEqual({ version: '7.0.15', warnings: [] })
    expect(judge({ redis_version: '6.2.0' })).toMatchObject({ warnings: [] })
  })

  it.each([
    [{ maxmemory_policy: 'volatile-lru' }, '', /^maxmemory-policy is volatile-lru: .* Set maxmem/],
    [{ aof_enabled: '0' }, '', /^neither appendonly nor save is set: .* Set appendonly yes there/],
    [{ aof_enabled: '0' }, undefined, /^appendonly is off, and whether snapshots .*can't be seen/],
  ])('%j with save %j gets a warning that says what would happen', (fields, save, warning) => {
    const { warnings } = judge(fields, save)
    expect(warnings).toEqual([expect.stringMatching(warning)])
    expect(warnings[0]).toContain('comes back by the sweep (PORTCULLIS_SWEEP_SECONDS')
  })

  it.each([
    [{ redis_version: '6.0.20' }, /this is Redis 6\.0\.20, and the queue needs 6\.2 or newer/],
    [{ redis_version: '5.9' }, /needs 6\.2 or newer/],
    [{ redis_mode: 'cluster' }, /write redis\+cluster:/],
    [{ redis_mode: 'sentinel' }, /write redis\+sentinel:/],
    [{ role: 'slave' }, /this is a replica/],
  ])('%j is refused', (fields, reason) => {
    expect(() => judge(fields)).toThrow(reason)
  })

  it('takes what names no version it can read for new enough', () => {
    expect(judge({ redis_version: 'unknown' })).toMatchObject({ warnings: [] })
  })
})
