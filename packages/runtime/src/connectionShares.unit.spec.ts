import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { shareConnections } from './connectionShares.ts'

const VARIANTS = [
  {},
  { PORTCULLIS_QUEUE_BOARD: 'on' },
  { REDIS_URL: 'redis://r' },
  { EVENTSTORE_URL: 'esdb://e' },
  { EVENTSTORE_URL: 'esdb://e', REDIS_URL: 'redis://r' },
] as const

const sharesOf = (connections: number, more: Readonly<Record<string, string>>) => {
  const config = readConfig(
    { PORTCULLIS_DATABASE_CONNECTIONS: String(connections), ...more },
    '/tmp',
  )
  return { config, shares: shareConnections(config) }
}

describe.each([20, 23, 60, 1000])('%i connections', (connections) => {
  it.each(VARIANTS)('are shared out whole, and everybody gets enough: %j', (more) => {
    const { config, shares } = sharesOf(connections, more)
    const { engine, readers, jobs, monitor, queueLooks } = shares
    const log = config.eventStore === undefined
    const queue = config.redisUrl === undefined
    const sum =
      // Who uses the database, who appends, who listens.
      1 + (log ? 2 : 0) + engine + readers + jobs + monitor
    expect(sum + (queue ? queueLooks * (config.queueBoard ? 2 : 1) : 0)).toBe(connections)
    expect(engine).toBeGreaterThanOrEqual(5)
    expect(readers >= 1).toBe(log)
    expect(jobs >= 4).toBe(queue)
  })
})

it('fewer than can work are refused, by the name of the variable', () => {
  expect(() => sharesOf(19, {})).toThrow(/PORTCULLIS_DATABASE_CONNECTIONS/)
})
