import { NO_STREAM, RevisionConflict } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import type { Append, AppendOutcome } from './appendSession.ts'
import { createGroupCommit, type GroupCommit } from './groupCommit.ts'

const append = (stream: string, bytes = 10): Append => ({
  stream,
  expected: NO_STREAM,
  events: [{ id: stream, type: 'Noted.v1', data: 'x'.repeat(bytes), metadata: '' }],
  given: [],
})

/** A lone append. */
const send = async (group: GroupCommit, one: Append): Promise<AppendOutcome | undefined> => {
  const [outcome] = await group.appendAll([one])
  return outcome
}

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
    const all = ['a', 'b', 'c'].map((stream) => send(group, append(stream)))
    expect(groups).toEqual([['a']])
    await release(0)
    expect(groups).toEqual([['a'], ['b', 'c']])
    await release(1)
    expect(await Promise.all(all)).toEqual([done, done, done])
  })

  it('keeps two appends of one stream apart and in order', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const all = ['a', 'b', 'b', 'c', 'b'].map((stream) => send(group, append(stream)))
    for (const index of [0, 1, 2, 3]) await release(index)
    expect(groups).toEqual([['a'], ['b', 'c'], ['b'], ['b']])
    await Promise.all(all)
  })

  it('sends many of one caller in one group, and answers each of them', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const conflict = new RevisionConflict('b', NO_STREAM, 3n)
    const all = group.appendAll(['a', 'b', 'c'].map((stream) => append(stream)))
    expect(groups).toEqual([['a', 'b', 'c']])
    await release(0, [done, conflict, done])
    expect(await all).toEqual([done, conflict, done])
    expect(await group.appendAll([])).toEqual([])
  })

  it('bounds a group, but never splits an append', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const half = 5 * 1024 * 1024
    const all = [append('a'), append('b', half), append('c', half), append('d', 2 * half)]
    const appended = all.map((one) => send(group, one))
    for (const index of [0, 1, 2, 3]) await release(index)
    expect(groups).toEqual([['a'], ['b'], ['c'], ['d']])
    await Promise.all(appended)
  })

  it('lets none overtake one that has to wait, where the order matters', async () => {
    const { commit, groups, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const most = 5 * 1024 * 1024
    const many = [append('a', most), append('b', most), append('c')]
    const any = group.appendAll(many)
    await release(0)
    await release(1)
    const ordered = group.appendAll(many, { inOrder: true })
    await release(2)
    await release(3)
    // Another one's append to a stream of theirs is before them.
    const first = send(group, append('x'))
    const other = send(group, append('b'))
    const behind = group.appendAll([append('a'), append('b'), append('c')], { inOrder: true })
    for (const index of [4, 4, 5, 5]) await release(index)
    expect(groups).toEqual([['a', 'c'], ['b'], ['a'], ['b', 'c'], ['x', 'b', 'a'], ['b', 'c']])
    await Promise.all([any, ordered, first, other, behind])
  })

  it('tells a conflict to the one who has it', async () => {
    const { commit, release } = gate()
    const group = createGroupCommit(commit, () => false)
    const first = send(group, append('a'))
    const outcomes = Promise.allSettled([send(group, append('b')), send(group, append('c'))])
    await release(0)
    await release(1, [new RevisionConflict('b', NO_STREAM, 3n), done])
    expect(await first).toEqual(done)
    expect(await outcomes).toEqual([
      { status: 'fulfilled', value: new RevisionConflict('b', NO_STREAM, 3n) },
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
      const all = await Promise.allSettled(streams.map((stream) => send(group, append(stream))))
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
    const [first, second] = [send(group, append('a')), send(group, append('b'))]
    let closed = false
    const closing = group.close().then(() => {
      closed = true
    })
    await expect(send(group, append('c'))).rejects.toThrow(/closed/)
    await release(0)
    expect(closed).toBe(false)
    await release(1)
    await closing
    expect(await Promise.all([first, second])).toEqual([done, done])
  })
})
