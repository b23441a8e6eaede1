import { randomUUID } from 'node:crypto'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation } from '../testing/organisation.ts'
import {
  createPackage,
  openTerms,
  refusalOf,
  send,
  service,
  submit,
  user,
} from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import type { OutsideCommand } from './outsideCommand.ts'

describe('commands on requests and assignments', () => {
  let engine: TestEngine
  let packages = 0
  let pkg = ''
  beforeAll(async () => {
    engine = await openTestEngine()
    await send(engine, 'olivia', {
      type: 'CreateCatalog',
      catalogId: 'tools',
      displayName: 'Tools',
      description: '',
    })
    await send(engine, 'olivia', {
      type: 'AddPackageManager',
      catalogId: 'tools',
      personId: 'manny',
    })
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    packages += 1
    pkg = `p${packages}`
    engine.clock.set(START)
    await importOrganisation(engine.pool)
  })

  const approval = () => createPackage(engine, pkg, { catalogId: 'tools', terms: exampleTerms() })
  const decide = (): OutsideCommand => ({
    type: 'DecideApproval',
    requestId: `${pkg}.alice.r1`,
    decision: 'approve',
    justification: null,
  })
  const last = async () => (await engine.events(`entitlement-${pkg}.alice`)).at(-1)

  it('answers a repeated command as it did then, whatever has happened since (promise 6)', async () => {
    await approval()
    const [submitId, approveId] = [randomUUID(), randomUUID()]
    const request: OutsideCommand = {
      type: 'SubmitRequest',
      packageId: pkg,
      subjectId: 'alice',
      policyId: null,
      justification: null,
    }
    const submitted = await send(engine, 'alice', request, submitId)
    const approved = await send(engine, 'lea', decide(), approveId)
    await send(engine, 'alice', {
      type: 'RemoveAssignment',
      assignmentId: `${pkg}.alice.a1`,
      justification: null,
    })
    await importOrganisation(engine.pool, { memberships: [] })
    const head = await engine.store.head()
    expect(await send(engine, 'alice', request, submitId)).toEqual({
      ...submitted,
      repeated: true,
    })
    expect(await send(engine, 'lea', decide(), approveId)).toEqual({ ...approved, repeated: true })
    expect(await engine.store.head()).toBe(head)
  })

  describe('who may (S3, S22, S25)', () => {
    const cancel = (): OutsideCommand => ({
      type: 'CancelRequest',
      requestId: `${pkg}.alice.r1`,
      reason: null,
    })
    const remove = (subjectId = 'alice'): OutsideCommand => ({
      type: 'RemoveAssignment',
      assignmentId: `${pkg}.${subjectId}.a1`,
      justification: null,
    })
    const upstream = service('upstream', 'UserAdministrator')

    it.each([
      ['the subject', 'alice'],
      ['the catalog’s owner', 'olivia'],
      ['its package manager', 'manny'],
      ['a User administrator', 'admin'],
      ['a service with that role', upstream],
    ])('%s cancels a pending request', async (_who, by) => {
      await approval()
      await submit(engine, pkg, 'alice')
      await send(engine, by, cancel())
      expect((await last())?.type).toBe('RequestCancelled.v1')
    })

    it.each([
      ['a stranger', 'stranger'],
      ['an approver', 'lea'],
      ['a Catalog creator', 'creator'],
      ['a disabled administrator', 'gone'],
      ['somebody unknown', 'nobody'],
      ['a service without a role', service('upstream')],
    ])('%s neither cancels, removes nor assigns', async (_who, by) => {
      await approval()
      await submit(engine, pkg, 'alice')
      expect(await refusalOf(engine, by, cancel())).toBe('request.forbidden')
      await send(engine, 'leo', decide())
      expect(await refusalOf(engine, by, remove())).toBe('assignment.forbidden')
      expect(
        await refusalOf(engine, by, {
          type: 'AssignDirectly',
          packageId: pkg,
          subjectId: 'ben',
          policyId: 'standard',
          startAt: null,
          endAt: null,
          justification: null,
        }),
      ).toBe('assignment.forbidden')
    })

    it('takes nothing from outside that timers and jobs send', async () => {
      const command: OutsideCommand = JSON.parse(
        '{"type":"ExpireAssignment","assignmentId":"tools.alice.a1","endVersion":1}',
      )
      expect(await refusalOf(engine, 'admin', command)).toBe('entitlement.engine-only')
    })

    it('takes a service for a service, also when it is called like the subject', async () => {
      await createPackage(engine, pkg)
      await submit(engine, pkg, 'alice')
      expect(await refusalOf(engine, service('alice'), remove())).toBe('assignment.forbidden')
    })

    it.each(['olivia', 'manny', 'admin', upstream])('assigns directly: %o', async (by) => {
      await approval()
      const { result } = await send(engine, by, {
        type: 'AssignDirectly',
        packageId: pkg,
        subjectId: 'ben',
        policyId: 'standard',
        startAt: null,
        endAt: null,
        justification: 'Helps out',
      })
      expect(result.assignmentId).toBe(`${pkg}.ben.a1`)
      await send(engine, by, remove('ben'))
    })

    it('lets a service request for somebody, and nobody else', async () => {
      await createPackage(engine, pkg)
      const request = {
        type: 'SubmitRequest',
        packageId: pkg,
        subjectId: 'alice',
        policyId: null,
        justification: null,
      } as const
      expect(await refusalOf(engine, 'olivia', request)).toBe('request.forbidden')
      await send(engine, service('upstream'), request)
      expect((await engine.events(`entitlement-${pkg}.alice`))[0]?.data).toMatchObject({
        requestorId: 'service:upstream',
        subjectId: 'alice',
      })
    })
  })

  describe('finds its target by the id alone (promise 7)', () => {
    it.each([
      [{ type: 'CancelRequest', requestId: 'not an id', reason: null }, 'request.not-found'],
      [{ type: 'CancelRequest', requestId: 'p.alice.r7', reason: null }, 'request.not-found'],
      [
        { type: 'RequestExtension', assignmentId: 'p.alice.r1', justification: null },
        'assignment.not-found',
      ],
      [
        { type: 'RemoveAssignment', assignmentId: 'p.alice.a7', justification: null },
        'assignment.not-found',
      ],
      [
        {
          type: 'SubmitRequest',
          packageId: 'no-such',
          subjectId: 'alice',
          policyId: null,
          justification: null,
        },
        'package.not-found',
      ],
    ] satisfies readonly (readonly [OutsideCommand, string])[])('%j: %s', async (command, code) => {
      expect(await refusalOf(engine, 'alice', command)).toBe(code)
    })

    it('says which policies there are when several apply or none does (S9)', async () => {
      await createPackage(engine, pkg)
      await send(engine, 'admin', {
        type: 'AddPolicy',
        packageId: pkg,
        policyId: 'second',
        enabled: true,
        terms: openTerms({ displayName: 'Second' }),
      })
      const request = (subjectId: string) => ({
        commandId: randomUUID(),
        caller: user(subjectId),
        command: {
          type: 'SubmitRequest',
          packageId: pkg,
          subjectId,
          policyId: null,
          justification: null,
        } as const,
      })
      const answerTo = ({ command, ...envelope }: ReturnType<typeof request>) =>
        engine.application.execute(command, envelope)
      expect(await answerTo(request('alice'))).toMatchObject({
        refusal: {
          code: 'request.policy-needed',
          data: { policies: [{ policyId: 'standard' }, { policyId: 'second' }] },
        },
      })
      // By their role they see the package.
      expect(await answerTo(request('admin'))).toMatchObject({
        refusal: {
          code: 'request.no-policy-applies',
          message: expect.stringContaining('it names neither this person nor a group'),
        },
      })
      // To whom no policy of it is for it is as if there were none.
      const there = await answerTo(request('stranger'))
      const { command, ...envelope } = request('stranger')
      const nowhere = await engine.application.execute({ ...command, packageId: 'nope' }, envelope)
      expect(there).toMatchObject({ refusal: { code: 'package.not-found' } })
      expect(JSON.stringify(there)).toBe(JSON.stringify(nowhere).replaceAll('nope', pkg))
    })
  })
})
