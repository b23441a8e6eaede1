import type { PolicyTerms } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import { anew, edited, find } from './edits.fixture.ts'
import type { Logged } from './logEvent.ts'
import { brokenBy, evidenceOf, standard } from './quarter.fixture.ts'

type Submitted = Logged<'RequestSubmitted.v1'>['data']

const STREAM = 'entitlement-tools.mira'
const policyAdded = find('accessPackage-tools', 'PolicyAdded.v1')
const granted = find(STREAM, 'ApprovalGranted.v1')
const autoApproved = find(STREAM, 'RequestAutoApproved.v1')

/** What breaks of Mira's requests when the policy had other terms, and her requests, approvals and the like were so. */
const brokenFor = (
  terms: Partial<PolicyTerms>,
  asked: Partial<Submitted> = {},
  approvals: readonly Logged<'ApprovalGranted.v1'>[] = [granted],
): readonly string[] => {
  const changed = { ...standard, ...terms }
  const events = edited((event) => {
    if (event === granted) return approvals
    if (event.type === 'PolicyAdded.v1' && event === policyAdded)
      return [{ ...event, data: { ...event.data, terms: changed } }]
    if (event.type === 'RequestSubmitted.v1' && event.stream === STREAM)
      return [{ ...event, data: { ...event.data, ...asked, terms: changed } }]
    return [event]
  })
  const { 3: decisions = [], ...rest } = brokenBy(evidenceOf(events))
  expect(rest).toEqual({})
  // The others of the story asked under the terms as they were.
  return decisions.filter((sentence) => sentence.includes('tools.mira'))
}

const byUser = (id: string) => ({ basis: { kind: 'user', id } }) as const
const byGroup = (id: string) => ({ basis: { kind: 'group', id } }) as const
const byDirectory = (id: string) => ({ basis: { kind: 'externalDirectory', id } }) as const
const byAdministrator = (id: string) => ({ basis: { kind: 'administrator', id } }) as const

describe('promise 3: what a request relies on', () => {
  const named = {
    requestors: {
      kind: 'directory' as const,
      principals: [
        { kind: 'user' as const, id: 'mira' },
        { kind: 'user' as const, id: 'nils' },
      ],
    },
  }
  const external = { requestors: { kind: 'external' as const, directoryIds: ['partner'] } }

  it.each([
    ['the subject, named by the policy', named, byUser('mira')],
    ['an external directory of the policy', external, byDirectory('partner')],
  ])('may be %s', (_, terms, asked) => expect(brokenFor(terms, asked)).toEqual([]))

  it.each([
    ['somebody else, named by the policy', named, byUser('nils')],
    ['a group of that name', named, byGroup('mira')],
    ['another external directory', external, byDirectory('rival')],
    ['a group of the directory’s name', external, byGroup('partner')],
    ['an administrator, who only gives directly', {}, byAdministrator('olga')],
  ])('may not be %s', (_, terms, asked) => {
    const { kind, id } = asked.basis
    expect(brokenFor(terms, asked)).toEqual(
      // The request, and its extension, which relies on the same.
      ['r1', 'r2'].map((request) =>
        expect.stringMatching(`^tools.mira.${request} .* relies on ${kind} ${id}, which its`),
      ),
    )
  })

  it('is the administrator who asked, where nobody else may', () => {
    const direct = find('entitlement-extra.mira', 'RequestSubmitted.v1')
    const withData = (changes: Partial<Submitted>) =>
      brokenBy(
        evidenceOf(
          edited((event) =>
            event === direct ? [{ ...direct, data: { ...direct.data, ...changes } }] : [event],
          ),
        ),
      )[3] ?? []
    expect(withData(byAdministrator('olga'))).toEqual([])
    expect(withData(byAdministrator('pia'))).toEqual([
      expect.stringContaining('relies on administrator pia'),
    ])
    expect(withData({ kind: 'new' })).toContainEqual(
      expect.stringContaining('relies on administrator olga'),
    )
  })
})

describe('promise 3: who approves', () => {
  const [stage] = standard.approval.required ? standard.approval.stages : []
  if (stage === undefined) throw new Error('the story’s policy takes approval')
  const leo = { kind: 'user', id: 'leo' } as const
  const stages = [stage, { ...stage, approvers: [...stage.approvers, leo] }]
  const twoStages = { approval: { required: true as const, stages } }
  const next = { stage: 2, decideBy: '2026-05-15T08:00:00.000Z' }
  const first = anew({ ...granted, data: { ...granted.data, next } })
  const second = (approverId: string, by: Pick<Submitted, 'basis'> = byGroup('leads')) => ({
    ...granted,
    data: { ...granted.data, stage: 2, approverId, ...by },
  })

  it.each([
    ['through a group', second('lara')],
    ['as the user named', second('leo', byUser('leo'))],
  ])('may be two people for two stages: %s', (_, approval) =>
    expect(brokenFor(twoStages, {}, [first, approval])).toEqual([]),
  )

  it('must be somebody for each stage', () =>
    expect(brokenFor(twoStages, {}, [first])).toEqual([
      expect.stringContaining('nobody had approved stage 2 of tools.mira.r1'),
    ]))

  it('must be another one for each stage', () =>
    expect(brokenFor(twoStages, {}, [first, second('lena')])).toEqual([
      expect.stringContaining('was approved by lena, who had approved another stage'),
    ]))

  it('must be the user named', () =>
    expect(brokenFor(twoStages, {}, [first, second('lara', byUser('leo'))])).toEqual([
      expect.stringContaining('was approved by lara through user leo'),
    ]))

  it('is neither the subject nor who asked for them', () => {
    const own = (approverId: string) => ({ ...granted, data: { ...granted.data, approverId } })
    expect(brokenFor({}, { requestorId: 'hr' }, [own('mira')])).toEqual([
      expect.stringContaining('was approved by mira, whose own request it is'),
    ])
    expect(brokenFor({}, { requestorId: 'hr' }, [own('hr')])).toEqual([
      expect.stringContaining('was approved by hr, whose own request it is'),
    ])
  })

  it('may be nobody for an extension only where the policy says so', () => {
    const asks = { extension: { allowed: true, approvalRequired: true } } as const
    expect(brokenFor(asks)).toEqual([
      expect.stringMatching(`^tools.mira.r2 was approved automatically .* asks for an approval$`),
    ])
    expect(brokenFor({ extension: { allowed: false } })).toHaveLength(1)
    expect(autoApproved.data.reason).toBe('extension-without-approval')
  })
})
