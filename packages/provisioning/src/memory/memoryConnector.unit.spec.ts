import { describe, expect, it } from 'vitest'
import { ConnectorError } from '../connector.ts'
import {
  accessOf,
  type ConnectorUnderTest,
  describeConnectorContract,
  describeManyContract,
} from '../testing/index.ts'
import { createMemoryConnector } from './memoryConnector.ts'

const makeTarget = async (): Promise<ConnectorUnderTest> => {
  const connector = createMemoryConnector({ name: 'memory' })
  return {
    connector,
    second: () => connector,
    accesses: Array.from({ length: 12 }, (_, n) => accessOf(`person-${n}`, 'Marketing')),
    otherRole: accessOf('person-0', 'Marketing', 'owner'),
    holders: async () =>
      connector
        .memberships()
        .filter(({ role }) => role === 'member')
        .map(({ subject }) => subject),
    break: async (kind) =>
      connector.failWith(
        new ConnectorError('memory.down', 'down', { transient: kind === 'for a while' }),
      ),
    repair: async () => connector.failWith(null),
    close: async () => {},
  }
}

describeConnectorContract('memory', makeTarget)
describeManyContract('memory', makeTarget)

describe('connector errors', () => {
  it('hold only what an event may hold', () => {
    const message = new ConnectorError('x.y', `a\u0000\r\n\u2028b\ud800${'c'.repeat(5000)}`, {
      transient: true,
    }).message
    expect(message).toMatch(/^a b\ufffdc+ …$/)
    expect(message.length).toBeLessThan(1100)
    expect(new ConnectorError('x.y', '\n', { transient: true }).message).toBe('no message')
  })
})
