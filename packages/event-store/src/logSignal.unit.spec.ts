import { expect, it } from 'vitest'
import { createLogSignal } from './logSignal.ts'

const never = new AbortController().signal

it('wakes those who wait for a position that has come, and nobody else', async () => {
  const signal = createLogSignal()
  const woken: string[] = []
  const wait = (name: string, position: bigint) =>
    signal.waitBeyond(position, never).then(() => woken.push(name))
  const first = wait('beyond 1', 1n)
  const second = wait('beyond 2', 2n)
  signal.announce(2n)
  await first
  signal.announce(1n)
  signal.announce(2n)
  await new Promise(setImmediate)
  expect(woken).toEqual(['beyond 1'])
  signal.announce(3n)
  await second
  expect(woken).toEqual(['beyond 1', 'beyond 2'])
})

it('does not wait for what is already known, nor when it is told to end', async () => {
  const signal = createLogSignal()
  signal.announce(5n)
  await signal.waitBeyond(4n, never)
  await signal.waitBeyond(5n, AbortSignal.abort())
  const controller = new AbortController()
  const waiting = signal.waitBeyond(5n, controller.signal)
  controller.abort()
  await waiting
})
