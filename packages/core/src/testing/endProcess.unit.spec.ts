import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { endProcess } from './endProcess.ts'

const started = async (script: string): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('runs')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}
const FOR_EVER = 'setInterval(() => {}, 1000)'

it('ends a process by the signal, and returns when it is gone', async () => {
  const child = await started(FOR_EVER)
  await endProcess(child, 'SIGTERM')
  expect(child.signalCode).toBe('SIGTERM')
})

it('kills one that doesn’t listen', async () => {
  const child = await started(`process.on('SIGTERM', () => {}); ${FOR_EVER}`)
  await endProcess(child, 'SIGTERM', 1)
  expect(child.signalCode).toBe('SIGKILL')
})

it('has nothing to do for none, and for one that is gone', async () => {
  await endProcess(undefined)
  const child = await started('')
  await once(child, 'exit')
  await endProcess(child)
  expect(child.exitCode).toBe(0)
})
