import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { CONNECTIONS_VARIABLE } from './noConnection.ts'
import { createPool, type PoolOptions } from './pool.ts'
import { connectSession } from './session.ts'
import { startTestServer, type TestServer } from './testing/testDatabase.ts'

const WAIT = { timeout: 20_000, interval: 5 }
/** As long as no test takes. */
const LONG = 100_000

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ maxConnections: 8 })
})
afterAll(() => server.stop())

const session = () => connectSession({ url: server.url, applicationName: 'others' })

/** Takes every connection that the server has left. */
const fill = async (): Promise<readonly pg.Client[]> => {
  const taken: pg.Client[] = []
  try {
    for (;;) taken.push(await session())
  } catch (error) {
    expect(error).toMatchObject({ name: 'NoConnection', code: '53300' })
  }
  onTestFinished(() => free(taken))
  return taken
}
const free = async (taken: readonly pg.Client[]): Promise<void> => {
  for (const client of taken) await client.end()
}

const poolOf = (options: Partial<PoolOptions>): pg.Pool => {
  const pool = createPool(server.url, { max: 2, applicationName: 'ours', ...options })
  onTestFinished(() => pool.end())
  return pool
}

describe('a pool of which all connections are in use', () => {
  it('lets callers wait for one', async () => {
    const pool = poolOf({ waitMillis: LONG })
    const held = [await pool.connect(), await pool.connect()]
    const asked = [pool.query('select 1'), pool.connect().then((client) => client.release())]
    await vi.waitFor(() => expect(pool.waitingCount).toBe(2), WAIT)
    for (const client of held) client.release()
    await Promise.all(asked)
    expect(pool.totalCount).toBe(2)
  })

  it('tells who has waited in vain which variable to raise', async () => {
    // Long enough to make the two connections in, on a slow machine too.
    const pool = poolOf({ waitMillis: 500 })
    const held = [await pool.connect(), await pool.connect()]
    for (const ask of [pool.query('select 1'), pool.connect()])
      await expect(ask).rejects.toMatchObject({
        name: 'NoConnection',
        code: '53300',
        message: `all 2 connections of "ours" to the database have been in use for 0.5 s: raise ${CONNECTIONS_VARIABLE}, of which these are a share`,
      })
    for (const client of held) client.release()
  })
})

describe('a server that has no connection left', () => {
  it('is asked again until it has one, by pools and by sessions', async () => {
    const onFull = vi.fn()
    const taken = await fill()
    const pool = poolOf({ waitMillis: LONG, onFull })
    const asked = [pool.query('select 1'), pool.query('select 1')]
    const single = connectSession({
      url: server.url,
      applicationName: 'ours',
      waitMillis: LONG,
      onFull,
    })
    // The pool tells it once, however many wait.
    await vi.waitFor(() => expect(onFull).toHaveBeenCalledTimes(2), WAIT)
    await free(taken)
    await Promise.all(asked)
    await (await single).end()
    expect(onFull).toHaveBeenCalledTimes(2)
  })

  it('is explained to who has waited in vain', async () => {
    const taken = await fill()
    expect(taken.length).toBeGreaterThan(0)
    const wanted = {
      name: 'NoConnection',
      message: expect.stringMatching(
        new RegExp(
          `no connection left for 0.02 s \\(sorry, too many clients already\\): lower ${CONNECTIONS_VARIABLE}.*max_connections`,
        ),
      ),
    }
    await expect(poolOf({ waitMillis: 20 }).query('select 1')).rejects.toMatchObject(wanted)
    await expect(
      connectSession({ url: server.url, applicationName: 'ours', waitMillis: 20 }),
    ).rejects.toMatchObject(wanted)
  })
})
