import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Access, createFileConnector } from '@portcullis/provisioning'
import { accessOf } from '@portcullis/provisioning/testing'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'

/**
 * Accesses granted through the file connector as the engine does it, look, grant, look: jobs of 50 side by side, one
 * access a call or all of a job in one.
 */
const ACCESSES = Number(process.env.BENCH_ACCESSES ?? 10_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 1)
const JOB = 50
const JOBS = 8
/** Calls of one job side by side, where each is for one access. */
const WIDTH = 8

const clock = { now: () => new Date().toISOString() }
const { signal } = new AbortController()
const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
let runs = 0

const sideBySide = async <Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<unknown>,
): Promise<void> => {
  const left = items.values()
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: width }, lane))
}

const contender = (name: string, together: boolean): Contender => ({
  name,
  unit: 'accesses/s',
  run: async () => {
    runs += 1
    const connector = createFileConnector({
      name: 'file',
      path: path.join(folder, `${runs}.json`),
      clock,
    })
    const { many } = connector
    if (many === undefined) throw new Error('the file connector takes many')
    const accesses = Array.from({ length: ACCESSES }, (_, n) => accessOf(`p-${n}`, 'Marketing'))
    const jobs = Array.from({ length: Math.ceil(ACCESSES / JOB) }, (_, index) =>
      accesses.slice(index * JOB, (index + 1) * JOB),
    )
    const one = async (access: Access): Promise<void> => {
      await connector.readBack(access, signal)
      await connector.grant(access, signal)
      await connector.readBack(access, signal)
    }
    const all = async (job: readonly Access[]): Promise<void> => {
      await many.readBack(job, signal)
      await many.grant(
        job.map((access) => ({ access, operationId: access.subject.id })),
        signal,
      )
      await many.readBack(job, signal)
    }
    return perSecond(ACCESSES, () =>
      sideBySide(jobs, JOBS, (job) => (together ? all(job) : sideBySide(job, WIDTH, one))),
    )
  },
})

try {
  const contenders = [
    contender('one access a call', false),
    contender('all accesses of a job in one call', true),
  ]
  report('file', contenders, await takeTurns(contenders, ROUNDS), [
    { of: 'all accesses of a job in one call', against: 'one access a call' },
  ])
} finally {
  await rm(folder, { recursive: true, force: true })
}
