import { silentLog } from '@portcullis/engine'
import { describe, expect, it } from 'vitest'
import { type Check, createReadiness, NotReady } from './readiness.ts'

const options = { log: silentLog, timeoutMillis: 60_000, keepMillis: 0, steadyMillis: () => 0 }
const well = async (): Promise<void> => {}

describe('readiness', () => {
  it('is there when every check is well', async () => {
    const readiness = createReadiness(
      [
        { name: 'store', look: well },
        { name: 'database', look: well },
      ],
      options,
    )
    expect(await readiness.report()).toEqual({
      status: 'ready',
      checks: { store: { status: 'ok' }, database: { status: 'ok' } },
    })
  })

  it('names what is wrong in words of ours alone', async () => {
    const lines: object[] = []
    const checks: readonly Check[] = [
      { name: 'store', look: well },
      {
        name: 'queue',
        look: async () => {
          throw new Error('connect ECONNREFUSED redis.internal:6379 as admin')
        },
      },
      {
        name: 'projections',
        look: async () => {
          throw new NotReady('behind the log: grants by 400 s')
        },
      },
      { name: 'database', look: () => new Promise(() => {}) },
    ]
    const readiness = createReadiness(checks, {
      ...options,
      timeoutMillis: 1,
      log: { ...silentLog, warn: (data) => lines.push(data) },
    })
    const report = await readiness.report()
    expect(report).toEqual({
      status: 'not-ready',
      checks: {
        store: { status: 'ok' },
        queue: { status: 'failing', reason: 'it can not be reached; see the log' },
        projections: { status: 'failing', reason: 'behind the log: grants by 400 s' },
        database: { status: 'failing', reason: 'no answer within 1 ms' },
      },
    })
    await readiness.report()
    // Told once, with the driver's words.
    expect(lines).toHaveLength(3)
    expect(lines).toContainEqual(
      expect.objectContaining({ error: expect.stringContaining('6379') }),
    )
  })

  it('says when a check is well again', async () => {
    let up = false
    const told: string[] = []
    const readiness = createReadiness(
      [
        {
          name: 'store',
          look: async () => {
            if (!up) throw new Error('down')
          },
        },
      ],
      {
        ...options,
        log: {
          ...silentLog,
          info: (_data, text) => told.push(text),
          warn: (_data, text) => told.push(text),
        },
      },
    )
    await readiness.report()
    up = true
    expect((await readiness.report()).status).toBe('ready')
    expect(told).toEqual(['not ready', 'ready again'])
  })

  it('ends with draining, whatever the checks say', async () => {
    const readiness = createReadiness([{ name: 'store', look: well }], options)
    expect(readiness.draining).toBe(false)
    readiness.drain()
    expect(readiness.draining).toBe(true)
    expect(await readiness.report()).toEqual({
      status: 'draining',
      checks: { store: { status: 'ok' } },
    })
  })
})
