import type { RecordedEvent } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { deadlineCommand, deadlineKey, parseDeadlineKey } from './deadlineKeys.ts'
import { type Deadline, deadlinesOf, foldDeadlines } from './deadlines.ts'
import {
  A1,
  cancelled,
  DECIDE_BY,
  denied,
  END,
  END2,
  ended,
  extended,
  granted,
  NOW,
  P1D,
  P14D,
  R1,
  scheduled,
  started,
  submitted,
  timedOut,
} from './entitlement/entitlement.fixture.ts'
import type { PortcullisEvent } from './events.ts'
import { entitlementStream, grantStream } from './streams.ts'
import { ENGINE_ACTOR } from './testing/index.ts'

const STREAM = entitlementStream('tools.mira')
const GRANT = grantStream('repo.member.mira')
const grant = { resourceId: 'repo', roleId: 'member', subjectId: 'mira' }
const operationId = '11111111-1111-4111-8111-111111111111'

const recorded = (event: PortcullisEvent): RecordedEvent<PortcullisEvent> => ({
  ...event,
  id: 'e',
  stream: 'operationId' in event.data || event.type === 'RetryRequested.v1' ? GRANT : STREAM,
  revision: 0n,
  position: 1n,
  metadata: { commandId: 'c', correlationId: 'c', actor: ENGINE_ACTOR, at: NOW },
})
const approval: Deadline = {
  key: `approval:${R1}:1`,
  kind: 'approval',
  dueAt: DECIDE_BY,
  stream: STREAM,
}
const ofEnd = (version: number, p14: string, p1: string, endAt: string): Deadline[] => [
  { key: `reminder:${A1}:${version}:P14D`, kind: 'reminder', dueAt: p14, stream: STREAM },
  { key: `reminder:${A1}:${version}:P1D`, kind: 'reminder', dueAt: p1, stream: STREAM },
  { key: `expiry:${A1}:${version}`, kind: 'expiry', dueAt: endAt, stream: STREAM },
]
const first = ofEnd(1, P14D, P1D, END)
const second = ofEnd(2, '2026-06-16T08:00:00.000Z', '2026-06-29T08:00:00.000Z', END2)
const nothing = { clear: [], clearPrefixes: [], set: [] }

const failed = (retryAt: string | null): PortcullisEvent => ({
  type: 'ProvisioningFailed.v1',
  data: {
    ...grant,
    operationId,
    operation: 'grant',
    attempt: 1,
    code: 'x',
    message: 'x',
    transient: true,
    retryAt,
  },
})
const awaited: PortcullisEvent = {
  type: 'FulfilmentAwaited.v1',
  data: {
    resourceId: 'repo',
    roleId: 'member',
    subjectId: 'mira',
    operationId: '3f0a1c52-7b60-4a39-9f07-54a1f6a0c001',
    operation: 'grant',
    attempt: 1,
    until: END,
  },
}
const retry = (dueAt: string): Deadline => ({
  key: 'retry:repo.member.mira',
  kind: 'retry',
  dueAt,
  stream: GRANT,
})
const provisioned: PortcullisEvent = {
  type: 'AccessProvisioned.v2',
  data: { ...grant, operationId, attempt: 1, account: null, receipt: null },
}

describe('deadlinesOf', () => {
  const approvalCleared = { ...nothing, clear: [approval.key] }
  const reminderEvent = { assignmentId: A1, endVersion: 1, offset: 'P14D' } as const
  const cases: [string, PortcullisEvent, object][] = [
    ['a request opens its approval', submitted(), { set: [approval] }],
    ['one without approval doesn’t', submitted({ approval: null }), {}],
    ['an approval settles it', granted(), approvalCleared],
    [
      'and opens the next stage',
      granted({ next: { stage: 2, decideBy: END } }),
      { ...approvalCleared, set: [{ ...approval, key: `approval:${R1}:2`, dueAt: END }] },
    ],
    ['a denial settles it', denied(), approvalCleared],
    ['a time-out settles it', timedOut(), approvalCleared],
    ['a cancellation settles every stage', cancelled(), { clearPrefixes: [`approval:${R1}:`] }],
    [
      'and the start of what was scheduled',
      cancelled({ assignmentId: A1 }),
      { clear: [`start:${A1}`], clearPrefixes: [`approval:${R1}:`, `expiry:${A1}:`] },
    ],
    [
      'a scheduled assignment is to start',
      scheduled(),
      { set: [{ key: `start:${A1}`, kind: 'start', dueAt: END, stream: STREAM }] },
    ],
    [
      'one whose start is withheld ends all the same',
      { type: 'StartWithheld.v1', data: { assignmentId: A1, startAt: END, endAt: END2 } },
      {
        clear: [`start:${A1}`],
        set: [{ key: `expiry:${A1}:1`, kind: 'expiry', dueAt: END2, stream: STREAM }],
      },
    ],
    ['a started one is to end', started(), { clear: [`start:${A1}`], set: first }],
    [
      'one without an end isn’t',
      started({ endAt: null, reminders: [] }),
      { clear: [`start:${A1}`] },
    ],
    [
      'an extension puts new ones in place of the old',
      extended(),
      { clear: first.map(({ key }) => key), set: second },
    ],
    [
      'an end settles all of the assignment',
      ended(),
      { clear: [`start:${A1}`], clearPrefixes: [`reminder:${A1}:`, `expiry:${A1}:`] },
    ],
    [
      'a reminder settles itself',
      { type: 'ExtensionReminderDue.v1', data: { ...reminderEvent, endAt: END } },
      { clear: [`reminder:${A1}:1:P14D`] },
    ],
    [
      'so does a skipped one',
      { type: 'ExtensionReminderSkipped.v1', data: { ...reminderEvent, reason: 'end-reached' } },
      { clear: [`reminder:${A1}:1:P14D`] },
    ],
    ['a failure is retried', failed(END), { set: [retry(END)] }],
    ['work by hand is looked at when its time is over', awaited, { set: [retry(END)] }],
    ['one for good isn’t', failed(null), { clear: [retry(END).key] }],
    [
      'what is asked for is retried now',
      { type: 'RetryRequested.v1', data: grant },
      { set: [retry(NOW)] },
    ],
    ['success settles the retry', provisioned, { clear: [retry(END).key] }],
    [
      'the rest is nothing to it',
      { type: 'RequestAutoApproved.v1', data: { requestId: R1, reason: 'direct-assignment' } },
      {},
    ],
  ]
  it.each(cases)('%s', (_what, event, expected) => {
    expect(deadlinesOf(recorded(event))).toStrictEqual({ ...nothing, ...expected })
  })
})

describe('foldDeadlines', () => {
  const oneByOne = (events: readonly PortcullisEvent[], start: readonly Deadline[]) => {
    const table = new Map(start.map((row) => [row.key, row]))
    for (const event of events) applyTo(table, deadlinesOf(recorded(event)))
    return table
  }
  const applyTo = (table: Map<string, Deadline>, changes: ReturnType<typeof deadlinesOf>) => {
    for (const key of [...table.keys()]) {
      const goes =
        changes.clear.includes(key) || changes.clearPrefixes.some((p) => key.startsWith(p))
      if (goes) table.delete(key)
    }
    for (const row of changes.set) table.set(row.key, row)
  }
  const history: readonly PortcullisEvent[] = [
    submitted(),
    granted(),
    started(),
    failed(END),
    extended(),
    provisioned,
    ended(),
    submitted({ requestId: 'tools.mira.r3' }),
    started({ assignmentId: 'tools.mira.a11' }),
    failed(END2),
    cancelled({ requestId: 'tools.mira.r3' }),
  ]
  it('has the effect of one event after the other, wherever batches are cut', () => {
    const all = oneByOne(history, [])
    expect(all.size).toBe(4)
    for (let cut = 0; cut <= history.length; cut += 1) {
      const table = oneByOne(history.slice(0, cut), [])
      applyTo(table, foldDeadlines(history.slice(cut).map(recorded)))
      expect([...table].sort()).toEqual([...all].sort())
    }
  })
  it('sets a key once', () => {
    const { set } = foldDeadlines([failed(END), failed(END2)].map(recorded))
    expect(set).toEqual([retry(END2)])
  })
})

describe('keys', () => {
  it.each([
    [approval.key, STREAM, { type: 'TimeOutApproval', requestId: R1, stage: 1 }],
    [`start:${A1}`, STREAM, { type: 'StartAssignment', assignmentId: A1 }],
    [
      `reminder:${A1}:2:P1D`,
      STREAM,
      { type: 'RemindOfEnd', assignmentId: A1, endVersion: 2, offset: 'P1D' },
    ],
    [`expiry:${A1}:12`, STREAM, { type: 'ExpireAssignment', assignmentId: A1, endVersion: 12 }],
  ])('%s turns back into its command', (key, stream, command) => {
    expect(deadlineCommand(key)).toEqual({ kind: 'command', stream, command })
    const parsed = parseDeadlineKey(key)
    expect(parsed && deadlineKey(parsed)).toBe(key)
  })
  it('a retry turns back into the grant to provision', () => {
    expect(deadlineCommand('retry:repo.member.mira')).toEqual({
      kind: 'provision',
      stream: GRANT,
      command: null,
      grantId: 'repo.member.mira',
    })
  })
  it.each([
    '',
    'approval',
    `approval:${R1}`,
    `approval:${R1}:0`,
    `approval:${R1}:1:2`,
    `approval:${A1}:1`,
    `start:${R1}`,
    `start:${A1}:1`,
    `reminder:${A1}:1:P3D`,
    `reminder:${A1}:1`,
    `reminder:${A1}:1:P1D:1`,
    `expiry:${A1}:x`,
    'retry:repo.member',
    'retry:repo.member.mira:1',
    'toast:repo.member.mira',
  ])('"%s" is no key', (text) => {
    expect(parseDeadlineKey(text)).toBeUndefined()
    expect(deadlineCommand(text)).toBeUndefined()
  })
})
