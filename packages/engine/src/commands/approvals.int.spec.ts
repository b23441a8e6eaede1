import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, execute, refusalOf, send, service, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import type { OutsideCommand } from './outsideCommand.ts'

describe('approval (S10, S11)', () => {
  let engine: TestEngine
  let packages = 0
  let pkg = ''
  beforeAll(async () => {
    engine = await openTestEngine()
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    packages += 1
    pkg = `p${packages}`
    await importOrganisation(engine.pool)
  })

  const approval = () => createPackage(engine, pkg, { terms: exampleTerms() })
  const decide = (
    requestId = `${pkg}.alice.r1`,
    decision: 'approve' | 'deny' = 'approve',
  ): OutsideCommand => ({ type: 'DecideApproval', requestId, decision, justification: null })
  const last = async () => (await engine.events(`entitlement-${pkg}.alice`)).at(-1)

  it('finds the approver through the group and keeps by which', async () => {
    await approval()
    await submit(engine, pkg, 'alice')
    const { result } = await send(engine, 'lea', decide())
    expect(result).toEqual({
      requestId: `${pkg}.alice.r1`,
      policyId: 'standard',
      policyVersion: 1,
      status: 'Delivering',
      assignmentId: `${pkg}.alice.a1`,
      endAt: '2026-07-01T08:00:00.000Z',
    })
    const events = await engine.events(`entitlement-${pkg}.alice`)
    expect(events.map(({ data }) => data)).toMatchObject([
      { basis: { kind: 'group', id: 'eng' } },
      { approverId: 'lea', basis: { kind: 'group', id: 'leads' } },
      { assignmentId: `${pkg}.alice.a1` },
    ])
  })

  it('refuses an approver who has left the group since', async () => {
    await approval()
    await submit(engine, pkg, 'alice')
    await importOrganisation(engine.pool, {
      memberships: ORGANISATION.memberships.filter(({ personId }) => personId !== 'lea'),
    })
    expect(await refusalOf(engine, 'lea', decide())).toBe('approval.forbidden')
    await send(engine, 'leo', decide())
  })

  it('refuses a disabled approver, a stranger, a service and the subject', async () => {
    const principals = [{ kind: 'group', id: 'leads' }] as const
    await createPackage(engine, pkg, {
      terms: exampleTerms({ requestors: { kind: 'directory', principals: [...principals] } }),
    })
    await submit(engine, pkg, 'lea')
    const command = decide(`${pkg}.lea.r1`)
    const upstream = service('leo', 'UserAdministrator')
    for (const by of ['gone', 'stranger', 'admin', upstream, 'lea']) {
      const code = by === 'lea' ? 'approval.own-request' : 'approval.forbidden'
      expect(await refusalOf(engine, by, command)).toBe(code)
    }
    await send(engine, 'leo', command)
  })

  it('takes an approver who is named themselves', async () => {
    const stage = { timeoutDays: 3, approverJustification: false }
    const approvers = [
      { kind: 'group', id: 'empty' },
      { kind: 'user', id: 'bob' },
    ] as const
    await createPackage(engine, pkg, {
      terms: exampleTerms({
        approval: { required: true, stages: [{ ...stage, approvers: [...approvers] }] },
      }),
    })
    await submit(engine, pkg, 'alice')
    await send(engine, 'bob', decide(undefined, 'deny'))
    expect((await last())?.data).toMatchObject({ basis: { kind: 'user', id: 'bob' } })
  })

  it('lets the first of two approvers win and tells the other who it was', async () => {
    await approval()
    await submit(engine, pkg, 'alice')
    const answers = await Promise.all([
      execute(engine, 'lea', decide()),
      execute(engine, 'leo', decide(undefined, 'deny')),
    ])
    const winner = answers[0]?.ok ? 'lea' : 'leo'
    const refusals = answers.flatMap((answer) => (answer.ok ? [] : [answer.refusal]))
    expect(refusals).toMatchObject([
      { kind: 'conflict', code: 'approval.already-decided', data: { by: winner } },
    ])
  })

  it('doesn’t start an assignment of somebody who was disabled meanwhile', async () => {
    await approval()
    await submit(engine, pkg, 'alice')
    await importOrganisation(engine.pool, {
      people: ORGANISATION.people.map((one) =>
        one.id === 'alice' ? { ...one, enabled: false } : one,
      ),
    })
    expect(await refusalOf(engine, 'lea', decide())).toBe('subject.disabled')
    await send(engine, 'lea', decide(undefined, 'deny'))
  })
})
