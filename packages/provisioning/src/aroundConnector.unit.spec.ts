import { describe, expect, it } from 'vitest'
import { aroundConnector, type ConnectorCall } from './aroundConnector.ts'
import type { Connector } from './connector.ts'
import { createMemoryConnector } from './memory/memoryConnector.ts'
import { accessOf } from './testing/index.ts'

const { signal } = new AbortController()
const [mira, otto] = [accessOf('mira', 'Marketing'), accessOf('otto', 'Marketing')]

describe('around a connector', () => {
  const noted = (connector: Connector) => {
    const calls: string[] = []
    const note = ({ operation, accesses }: ConnectorCall): void => {
      calls.push([operation, ...accesses.map(({ subject }) => subject.id)].join(' '))
    }
    const around = aroundConnector(connector, async (call, run) => {
      note(call)
      return run()
    })
    return { around, calls }
  }

  it('is told of each call, of many at once as one', async () => {
    const many: Connector['many'] = {
      most: 10,
      readBack: async (accesses) => accesses.map(() => ({ state: 'absent', account: null })),
      grant: async (operations) => operations.map(() => undefined),
      revoke: async (operations) => operations.map(() => undefined),
    }
    const { around, calls } = noted({ ...createMemoryConnector({ name: 'memory' }), many })
    await around.readBack(mira, signal)
    await around.grant(mira, signal, 'op-1')
    await around.revoke(mira, signal)
    const both = [mira, otto].map((access) => ({ access, operationId: access.subject.id }))
    await around.many?.readBack([mira, otto], signal)
    await around.many?.grant(both, signal)
    await around.many?.revoke(both, signal)
    expect(around.many?.most).toBe(10)
    expect(calls).toEqual([
      'readBack mira',
      'grant mira',
      'revoke mira',
      'readBack mira otto',
      'grant mira otto',
      'revoke mira otto',
    ])
  })

  it('has no more than the connector has, and may refuse to call it', async () => {
    const { many: _many, holders: _holders, ...plain } = createMemoryConnector({ name: 'memory' })
    const refusing = aroundConnector({ ...plain, preexisting: 'take-over' }, async () => {
      throw new Error('not now')
    })
    expect(refusing).not.toHaveProperty('many')
    expect(refusing).not.toHaveProperty('holders')
    expect(refusing.preexisting).toBe('take-over')
    await expect(refusing.grant(mira, signal)).rejects.toThrow('not now')
    expect(plain.memberships()).toEqual([])
    await refusing.probe()
  })
})
