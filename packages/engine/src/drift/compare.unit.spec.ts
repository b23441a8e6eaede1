import type { GrantView } from '@portcullis/views'
import { describe, expect, it } from 'vitest'
import { judge, pairUp } from './compare.ts'

const grant = (subjectId: string, changes: Partial<GrantView> = {}): GrantView => ({
  id: `wiki.editor.${subjectId}`,
  resourceId: 'wiki',
  roleId: 'editor',
  subjectId,
  holderIds: [`p.${subjectId}.a1`],
  actual: 'present',
  preexisting: false,
  operation: null,
  leaseUntil: null,
  failedAttempts: 0,
  lastError: null,
  retryAt: null,
  drift: null,
  receipt: null,
  awaitedOperationId: null,
  awaitedSince: null,
  settled: true,
  updatedAt: '2026-03-01T09:00:00.000Z',
  ...changes,
})

describe('pairing what the target names with grants', () => {
  const paged =
    <Item extends { readonly subjectId: string }>(items: readonly Item[], size: number) =>
    async (after: string | null) =>
      items.filter(({ subjectId }) => after === null || subjectId > after).slice(0, size)
  const seen = (ids: string) =>
    [...ids].map((subjectId) => ({ subjectId, label: subjectId, account: null }))

  it.each([
    ['', '', []],
    ['abc', '', ['a+', 'b+', 'c+']],
    ['', 'ab', ['a-', 'b-']],
    ['abcdef', 'bdxy', ['a+', 'b=', 'c+', 'd=', 'e+', 'f+', 'x-', 'y-']],
    ['Zab', 'Zz', ['Z=', 'a+', 'b+', 'z-']],
  ])('"%s" and "%s"', async (left, right, expected) => {
    for (const size of [1, 2, 50]) {
      const pairs = pairUp(
        paged(seen(left), size),
        paged(
          [...right].map((id) => grant(id)),
          size,
        ),
      )
      const told: string[] = []
      for await (const pair of pairs)
        told.push(`${pair.subjectId}${pair.seen ? (pair.grant ? '=' : '+') : '-'}`)
      expect(told).toEqual(expected)
    }
  })
})

describe('judging a pair', () => {
  const there = { subjectId: 'a', label: 'a', account: null }
  const unheld = { holderIds: [], actual: 'absent' } as const
  it.each([
    ['held and there', there, grant('a'), 'fine'],
    ['held and not there', undefined, grant('a'), 'missing'],
    ['there without a grant', there, undefined, 'unexpected'],
    ['there and held by nobody', there, grant('a', unheld), 'unexpected'],
    ['not there and held by nobody', undefined, grant('a', unheld), 'fine'],
    ['from before us, and there', there, grant('a', { ...unheld, preexisting: true }), 'fine'],
    ['from before us, and gone', undefined, grant('a', { ...unheld, preexisting: true }), 'fine'],
    ['on its way', undefined, grant('a', { settled: false }), 'busy'],
    ['on its way out', there, grant('a', { ...unheld, settled: false }), 'busy'],
    ['missing, and there again', there, grant('a', { drift: 'missing' }), 'gone'],
    ['missing still', undefined, grant('a', { drift: 'missing' }), 'missing'],
    ['unexpected, and gone', undefined, grant('a', { ...unheld, drift: 'unexpected' }), 'gone'],
  ] as const)('%s', (_, seen, of, judgement) => {
    expect(judge({ seen, grant: of })).toBe(judgement)
  })
})
