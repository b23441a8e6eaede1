import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, execute, refusalOf, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

describe('everything that failed, or of one package, is tried again (S21)', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await createPackage(engine, 'one')
    await createPackage(engine, 'two', { roles: ['repo.member'] })
    for (const id of ['alice', 'anna'])
      for (const each of ['one', 'two']) await submit(engine, each, id)
    await engine.settle()
    engine.main.refuse()
    for (const id of ['alice', 'anna'])
      for (const each of ['one', 'two'])
        await send(engine, id, {
          type: 'RemoveAssignment',
          assignmentId: `${each}.${id}.a1`,
          justification: null,
        })
    // Nobody may take anything away, and an operator is waited for.
    await engine.settle()
    engine.main.up()
  })
  afterEach(() => engine.close())

  const page = { after: null, limit: 200 }
  const everything = { type: 'ReprocessEverything', ...page } as const

  it('of one package: what could not be taken back after the end', async () => {
    const command = { type: 'ReprocessPackage', packageId: 'one', ...page } as const
    const { result } = await send(engine, 'admin', command)
    expect(result).toEqual({ packageId: 'one', retriedRoles: 2, left: 0, next: null })
    await engine.settle()
    expect(engine.main.held()).toEqual(['repo.member.alice', 'repo.member.anna'])
    expect((await send(engine, 'admin', command)).result.retriedRoles).toBe(0)
  })

  it('everything, so many at a time, until nothing is left', async () => {
    const first = await send(engine, 'admin', { ...everything, limit: 3 })
    expect(first.result).toEqual({ retriedRoles: 3, left: 1, next: 'wiki.member.alice' })
    const rest = await send(engine, 'admin', { ...everything, after: first.result.next ?? null })
    expect(rest.result).toEqual({ retriedRoles: 1, left: 0, next: null })
    await engine.settle()
    expect(engine.main.held()).toEqual([])
  })

  it('sent again under the same id, asks nobody twice', async () => {
    const id = randomUUID()
    const first = await execute(engine, 'admin', everything, id)
    const again = await execute(engine, 'admin', everything, id)
    expect(again).toEqual({ ...first, repeated: true })
    const asked = (await engine.typesOf('grant-wiki.member.alice')).filter(
      (type) => type === 'RetryRequested.v1',
    )
    expect(asked).toHaveLength(1)
  })

  it('is for who manages the package, everything for User administrators', async () => {
    expect(await refusalOf(engine, 'alice', everything)).toBe('assignment.forbidden')
    const command = { type: 'ReprocessPackage', packageId: 'one', ...page } as const
    expect(await refusalOf(engine, 'alice', command)).toBe('package.forbidden')
    expect(await refusalOf(engine, 'admin', { ...command, packageId: 'nothing' })).toBe(
      'package.not-found',
    )
  })
})
