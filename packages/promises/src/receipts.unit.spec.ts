import { describe, expect, it } from 'vitest'
import { checkPromises } from './checkPromises.ts'
import { edited, find, replaced } from './edits.fixture.ts'
import { brokenBy, evidenceOf, quarter } from './quarter.fixture.ts'

const STREAM = 'grant-repo.member.mira'

describe('promise 9: a receipt says what is known', () => {
  const revoked = find(STREAM, 'AccessRevoked.v3')
  const { operationId, receipt, ...grant } = revoked.data
  const withReceipt = (changes: Partial<typeof receipt>) => ({
    ...revoked,
    data: { ...revoked.data, receipt: { ...receipt, ...changes } },
  })
  const checked = (events: typeof quarter) => checkPromises(evidenceOf(events))[8]?.checked ?? 0

  it('looks at each receipt of a legal log', () => {
    expect(checked(quarter)).toBe(
      quarter.filter(({ type }) => type === 'AccessProvisioned.v2' || type === 'AccessRevoked.v3')
        .length,
    )
  })

  it('breaks when the target was read before the operation began', () => {
    const early = withReceipt({ at: '2020-01-01T00:00:00.000Z' })
    expect(brokenBy(evidenceOf(replaced(revoked, early)))).toEqual({
      9: [expect.stringMatching(/^grant-repo.member.mira says .* before the operation began$/)],
    })
  })

  it('breaks when somebody’s word is told as read back', () => {
    const { attempt: _, ...facts } = grant
    const reported = {
      ...revoked,
      type: 'FulfilmentReported.v1',
      data: { ...facts, operationId, operation: 'revoke', outcome: 'done', message: null },
    } as const
    const told = edited((event) => (event === revoked ? [reported, revoked] : [event]))
    expect(brokenBy(evidenceOf(told))[9]).toEqual([
      expect.stringMatching(/but it was somebody's word that ended it$/),
    ])
    const honest = withReceipt({ kind: 'acknowledged' })
    const said = edited((event) => (event === revoked ? [reported, honest] : [event]))
    expect(brokenBy(evidenceOf(said))[9]).toBeUndefined()
  })

  it('breaks when nothing was under way', () => {
    const other = { ...revoked.data, operationId: '99999999-9999-4999-8999-999999999999' }
    expect(brokenBy(evidenceOf(replaced(revoked, { ...revoked, data: other })))[9]).toEqual([
      expect.stringMatching(/but no such operation was under way$/),
    ])
  })

  it('takes receipts of older versions for what they are', () => {
    const old = withReceipt({ kind: 'looked-up' })
    expect(brokenBy(evidenceOf(replaced(revoked, old)))).toEqual({})
    expect(checked(replaced(revoked, old))).toBe(checked(quarter) - 1)
  })
})
