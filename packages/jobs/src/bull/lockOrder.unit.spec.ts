import { expect, it } from 'vitest'
import { inLockOrder } from './lockOrder.ts'

const job = (name: string, jobId?: string) => ({
  name,
  opts: jobId === undefined ? {} : { jobId },
})

it('adds jobs with ids in one order, whoever adds them, and leaves the others where they are', () => {
  const ordered = [job('a', 'k1'), job('x'), job('b', 'k2'), job('c', 'k3'), job('y')]
  const mixed = [job('c', 'k3'), job('x'), job('a', 'k1'), job('b', 'k2'), job('y')]
  expect(inLockOrder(mixed)).toEqual(ordered)
  expect(inLockOrder(ordered)).toEqual(ordered)
  expect(inLockOrder([])).toEqual([])
})
