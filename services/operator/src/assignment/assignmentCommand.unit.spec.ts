import { describe, expect, it } from 'vitest'
import { receiptText } from './assignmentCommand.ts'

const at = '2026-06-01T08:00:00.000Z'
const account = { id: '4711', member: 'uid=tom,dc=example' }

describe('how a delivery is known, in a line', () => {
  it.each([
    ['nothing that may be shown', null, ''],
    ['no account', { kind: 'read-back', at, account: null }, ' (read back)'],
    ['an account', { kind: 'read-back', at, account }, ' (read back, account 4711)'],
    [
      'an account without an id of its own, and its word',
      { kind: 'acknowledged', at, account: { ...account, id: null } },
      ' (by the target’s word, account uid=tom,dc=example)',
    ],
    [
      'an older version',
      { kind: 'looked-up', at, account: null },
      ' (looked up by an older version)',
    ],
    [
      'a name that would forge a line',
      { kind: 'read-back', at, account: { ...account, id: 'x)\nRoles: \u202e' } },
      ' (read back, account x)\\nRoles: \\u{202e})',
    ],
  ] as const)('%s', (_, receipt, text) => {
    expect(receiptText(receipt)).toBe(text)
  })
})
