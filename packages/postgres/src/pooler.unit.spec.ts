import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { type Lent, lendsByTransaction } from './pooler.ts'

interface Client {
  inTransaction: boolean
  process: number | undefined
}

/** A pooler in front of a server. @param take which of the idle processes is lent next */
const pooler = (
  mode: 'direct' | 'session' | 'transaction',
  take: 'newest' | 'oldest' = 'newest',
) => {
  let processes = 100
  let open = 0
  const idle: number[] = []
  const lend = (client: Client): void => {
    processes += 1
    client.process ??= (take === 'newest' ? idle.pop() : idle.shift()) ?? processes
  }
  const giveBack = (client: Client): void => {
    if (mode !== 'transaction' || client.inTransaction || client.process === undefined) return
    idle.push(client.process)
    client.process = undefined
  }
  const connect = async (): Promise<Lent> => {
    open += 1
    const client: Client = { inTransaction: false, process: undefined }
    if (mode === 'direct') lend(client)
    const query = async (text: string) => {
      lend(client)
      if (text === 'begin') client.inTransaction = true
      if (text === 'commit') client.inTransaction = false
      const pid = client.process
      giveBack(client)
      return { rows: [{ pid }] }
    }
    return {
      sql: { query: query as pg.Pool['query'] },
      processId: mode === 'direct' ? client.process : 1,
      end: async () => {
        open -= 1
      },
    }
  }
  return { connect, idle, stillOpen: () => open }
}

describe('a pooler in transaction mode', () => {
  it.each([
    ['direct', false],
    ['session', false],
    ['transaction', true],
  ] as const)('is told from others: %s', async (mode, found) => {
    const { connect, stillOpen } = pooler(mode)
    expect(await lendsByTransaction(connect)).toBe(found)
    expect(stillOpen()).toBe(0)
  })

  it.each(['newest', 'oldest'] as const)(
    'is found with idle connections of others, of which the %s is lent first',
    async (take) => {
      const { connect, idle } = pooler('transaction', take)
      idle.push(11, 12, 13, 14, 15, 16, 17, 18)
      expect(await lendsByTransaction(connect)).toBe(true)
    },
  )
})
