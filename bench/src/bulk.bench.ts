import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openRuntime, readConfig } from '@portcullis/runtime'
import { ADMINISTRATOR, type Case, freshCases, settle } from './commands/organisation.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'

/**
 * One command that assigns a package to many (S18), against a command for each, one after the other and by 64 callers.
 */
const SUBJECTS = Number(process.env.BENCH_SUBJECTS ?? 10_000)
const SINGLE = 500
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

const caller = { actor: { kind: 'user', id: ADMINISTRATOR }, directoryRoles: [] } as const
const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(folder, 0o755)
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }
const config = readConfig({ PORTCULLIS_DATA: 'data' }, folder)
const runtime = await openRuntime(config, { log, database: 'own' })
try {
  await settle(runtime, path.join(folder, 'directory'))
  const { application } = runtime
  const shared = { policyId: 'standard', startAt: null, endAt: null, justification: null }

  const assignOne = async ({ packageId, subjectId }: Case): Promise<void> => {
    const answer = await application.execute(
      { type: 'AssignDirectly', packageId, subjectId, ...shared },
      { commandId: randomUUID(), caller },
    )
    if (!answer.ok) throw new Error(answer.refusal.message)
  }
  const single = (callers: number, count: number): Contender => ({
    name: `single commands, ${callers} ${callers === 1 ? 'caller' : 'callers'}`,
    unit: 'subjects/s',
    run: () => {
      const left = freshCases(count).values()
      const one = async (): Promise<void> => {
        for (const of of left) await assignOne(of)
      }
      return perSecond(count, () => Promise.all(Array.from({ length: callers }, one)))
    },
  })
  const bulk = (): Contender => ({
    name: `one command for ${SUBJECTS}`,
    unit: 'subjects/s',
    run: () => {
      const byPackage = Map.groupBy(freshCases(SUBJECTS), ({ packageId }) => packageId)
      return perSecond(SUBJECTS, async () => {
        for (const [packageId, cases] of byPackage) {
          const subjectIds = cases.map(({ subjectId }) => subjectId)
          const answer = await application.assignMany(
            { packageId, subjectIds, ...shared },
            { commandId: randomUUID(), caller },
          )
          if (!answer.ok || answer.refused > 0) throw new Error('somebody was refused')
        }
      })
    },
  })
  const contenders = [single(1, SINGLE), single(64, SINGLE * 4), bulk()]
  const against = (callers: string) => `single commands, ${callers}`
  report('bulk', contenders, await takeTurns(contenders, ROUNDS), [
    { of: `one command for ${SUBJECTS}`, against: against('1 caller') },
    { of: against('64 callers'), against: against('1 caller') },
  ])
} finally {
  await runtime.close()
  await rm(folder, { recursive: true, force: true })
}
