import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPackage, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { reconcileBatch } from './batch.ts'

const never = new AbortController().signal

describe('access from before us, where the connector takes it over', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
  })
  afterAll(() => engine.close())

  it('is ours from then on, and goes with the last assignment that confers it', async () => {
    const [subject, resources] = await Promise.all([
      engine.directory.person('alice'),
      engine.directory.resources(['wiki']),
    ])
    const resource = resources.get('wiki')
    const role = resource?.roles[0]
    if (!subject || !resource || !role) throw new Error('the organisation has changed')
    await engine.main.grant({ resource, role, subject }, never)
    const parts = {
      ...engine.parts,
      connectors: new Map([['main', { ...engine.main, preexisting: 'take-over' as const }]]),
    }
    await createPackage(engine, 'p')
    await submit(engine, 'p', 'alice')
    await reconcileBatch(parts, ['p.alice'], never)
    expect(await engine.events('entitlement-p.alice')).toContainEqual(
      expect.objectContaining({
        type: 'RolesDelivered.v1',
        data: expect.objectContaining({
          roles: [expect.objectContaining({ preexisting: false })],
        }),
      }),
    )
    await send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: 'p.alice.a1',
      justification: null,
    })
    // The configuration may be another one by now: the log says whose it is.
    await reconcileBatch(engine.parts, ['p.alice'], never)
    expect(engine.main.held()).toEqual([])
    expect(await engine.typesOf('grant-wiki.member.alice')).toEqual([
      'HoldAdded.v1',
      'PreexistingAccessFound.v3',
      'HoldReleased.v1',
      'ProvisioningStarted.v2',
      'AccessRevoked.v3',
    ])
  })
})
