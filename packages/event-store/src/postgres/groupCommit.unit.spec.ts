import { NO_STREAM, RevisionConflict } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import type { Append, AppendOutcome } from './appendSession.ts'
import { createGroupCommit } from './groupCommit.ts'

const append = (stream: string, bytes = 10): Append => ({
  stream,
  expected: NO_STREAM,
  events: [{ id: stream, type: 'Noted.v1', data: 'x'.repeat(bytes), metadata: '' }],
})

const done: AppendOutcome = { revision: 0n, position: 1n, repeated: false }

/** Commits that wait until they are let go, in order. */
const gate = () => {
  const groups: string[][] = []
  const waiting: PromiseWithResolvers<readonly AppendOutcome[]>[] = []
  return {
    groups,
    commit: (group: readonly Append[]): Promise<readonly AppendOutcome[]> => {
      groups.push(group.map(({ stream }) => stream))
      const held = Promise.withResolvers<readonly AppendOutcome[]>()
      waiting.push(held)
      return held.promise
    },
    release: async (index: number, outcomes?: readonly AppendOutcome[]): Promise<void> => {
      waiting[index]?.resolve(outcomes ?? groups[index]?.map(() => done) ?? [])
      await new Promise(setImmediate)
      await new Promise(setImmediate)
    },
  }
}

describe('group commit', () => {
  it('sends the first at once and gathers the others while it is on its way', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const all = ['a', 'b', 'c'].map((stream) => group.append(append(stream)))
    expect(groups).toEqual([['a']])
    await release(0)
    expect(groups).toEqual([['a'], ['b', 'c']])
    await release(1)
    expect(await Promise.all(all)).toEqual([done, done, done])
  })

  it('keeps two appends of one stream apart and in order', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const all = ['a', 'b', 'b', 'c', 'b'].map((stream) => group.append(append(stream)))
    for (const index of [0, 1, 2, 3]) await release(index)
    expect(groups).toEqual([['a'], ['b', 'c'], ['b'], ['b']])
    await Promise.all(all)
  })

  it('bounds a group, but never splits an append', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const half = 5 * 1024 * 1024
    const all = [append('a'), append('b', half), append('c', half), append('d', 2 * half)]
    const appended = all.map((one) => group.append(one))
    for (const index of [0, 1, 2, 3]) await release(index)
    expect(groups).toEqual([['a'], ['b'], ['c'], ['d']])
    await Promise.all(appended)
  })

  it('tells a conflict to the one who has it', async () => {
    const { commit, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const first = group.append(append('a'))
    const outcomes = Promise.allSettled([group.append(append('b')), group.append(append('c'))])
    await release(0)
    await release(1, [new RevisionConflict('b', NO_STREAM, 3n), done])
    expect(await first).toEqual(done)
    expect(await outcomes).toEqual([
      { status: 'rejected', reason: new RevisionConflict('b', NO_STREAM, 3n) },
      { status: 'fulfilled', value: done },
    ])
  })

  it('finds the append that the server refuses, and fails all when the server is away', async () => {
    const commit = async (group: readonly Append[]): Promise<readonly AppendOutcome[]> => {
      await new Promise(setImmediate)
      if (group.some(({ stream }) => stream === 'bad')) throw new Error('bad content')
      if (group.some(({ stream }) => stream === 'away')) throw new Error('connection lost')
      return group.map(() => done)
    }
    const group = createGroupCommit(
      commit,
      (error) => error instanceof Error && error.message === 'bad content',
    )
    const settle = async (...streams: readonly string[]): Promise<readonly string[]> => {
      const all = await Promise.allSettled(streams.map((stream) => group.append(append(stream))))
      return all.map(({ status }) => status)
    }
    expect(await settle('x', 'a', 'bad', 'c')).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
    expect(await settle('a', 'away', 'c')).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await settle('y')).toEqual(['fulfilled'])
  })

  it('waits for what is under way when it closes, and refuses what comes later', async () => {
    const { commit, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const [first, second] = [group.append(append('a')), group.append(append('b'))]
    let closed = false
    const closing = group.close().then(() => {
      closed = true
    })
    await expect(group.append(append('c'))).rejects.toThrow(/closed/)
    await release(0)
    expect(closed).toBe(false)
    await release(1)
    await closing
    expect(await Promise.all([first, second])).toEqual([done, done])
  })
})
