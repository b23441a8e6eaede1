import * as contract from '@portcullis/api-contract'
import * as core from '@portcullis/core'
import * as domain from '@portcullis/domain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const terms = contract.exampleTerms
const stage = terms.approval.stages[0]
const user = { kind: 'user', id: 'bob' }
const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

/**
 * Terms that both the API and the log take, or both refuse: the contract mirrors the storage format without depending
 * on it.
 */
describe('policy terms', () => {
  it.each<[string, boolean, object]>([
    ['as in the examples', true, {}],
    [
      'for everybody of two external directories',
      true,
      { requestors: { kind: 'external', directoryIds: ['a', 'b'] } },
    ],
    ['for nobody', true, { requestors: { kind: 'none' } }],
    ['without approval', true, { approval: { required: false } }],
    ['with three stages', true, { approval: { required: true, stages: many(3, stage) } }],
    ['that never end', true, { expiration: { kind: 'never' } }],
    ['that end on a date', true, { expiration: { kind: 'onDate', date: '2028-02-29' } }],
    ['that end after hours', true, { expiration: { kind: 'afterHours', hours: 87_840 } }],
    ['without extension', true, { extension: { allowed: false } }],
    ['in many scripts', true, { displayName: 'Politique — 方針 — سياسة 🙂' }],
    ['without a name', false, { displayName: '' }],
    ['with a name of 257', false, { displayName: 'x'.repeat(257) }],
    ['with a control character', false, { description: 'a\u0007' }],
    ['with half a surrogate pair', false, { description: 'a\ud800' }],
    ['with a line separator', false, { description: 'a\u2028' }],
    ['for an empty list', false, { requestors: { kind: 'directory', principals: [] } }],
    ['for 1001 people', false, { requestors: { kind: 'directory', principals: many(1001, user) } }],
    [
      'for a robot',
      false,
      { requestors: { kind: 'directory', principals: [{ kind: 'robot', id: 'x' }] } },
    ],
    ['for an id with a dot', false, { requestors: { kind: 'external', directoryIds: ['a.b'] } }],
    ['with no stage', false, { approval: { required: true, stages: [] } }],
    ['with four stages', false, { approval: { required: true, stages: many(4, stage) } }],
    [
      'with 101 approvers',
      false,
      { approval: { required: true, stages: [{ ...stage, approvers: many(101, user) }] } },
    ],
    [
      'with a timeout of no days',
      false,
      { approval: { required: true, stages: [{ ...stage, timeoutDays: 0 }] } },
    ],
    [
      'with a timeout of 366 days',
      false,
      { approval: { required: true, stages: [{ ...stage, timeoutDays: 366 }] } },
    ],
    [
      'with a timeout of half a day',
      false,
      { approval: { required: true, stages: [{ ...stage, timeoutDays: 0.5 }] } },
    ],
    ['that end on 30 February', false, { expiration: { kind: 'onDate', date: '2027-02-30' } }],
    ['that end after no days', false, { expiration: { kind: 'afterDays', days: 0 } }],
    ['that end after 3661 days', false, { expiration: { kind: 'afterDays', days: 3661 } }],
    ['that end after 87,841 hours', false, { expiration: { kind: 'afterHours', hours: 87_841 } }],
    ['with extension and no word on approval', false, { extension: { allowed: true } }],
    ['with a zone of nothing', false, { zone: '' }],
  ])('%s: %s', (_, taken, change) => {
    const written = { ...terms, ...change }
    expect({
      contract: contract.policyTermsInputSchema.safeParse(written).success,
      answers: contract.policyTermsSchema.safeParse(written).success,
      domain: domain.policyTermsSchema.safeParse(written).success,
    }).toEqual({ contract: taken, answers: taken || 'zone' in change, domain: taken })
  })

  it('the contract refuses more: unknown fields, zones and days that could not be reckoned with', () => {
    for (const change of [
      { colour: 'red' },
      { zone: 'Mars/Olympus' },
      { zone: '+02:00' },
      { expiration: { kind: 'onDate', date: '9999-12-31' } },
    ]) {
      expect(contract.policyTermsInputSchema.safeParse({ ...terms, ...change }).success).toBe(false)
    }
  })
})

describe('texts and ids are taken by both or by neither', () => {
  const agree = (one: { safeParse(value: unknown): { success: boolean } }, other: typeof one) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 70 }),
      fc.string({ maxLength: 70 }),
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{60,66}$/),
      fc.stringMatching(/^[a-z]{1,3}\.[a-z]{1,3}\.[ra][0-9]{1,10}$/),
      fc.uuid(),
      fc.constantFrom('', 'a\n', 'a\t', '\u2029', '\u0085', '\udc00', '😀'),
    )
    fc.assert(
      fc.property(text, (value) => {
        expect(one.safeParse(value).success).toBe(other.safeParse(value).success)
      }),
      { numRuns: 1000 },
    )
  }
  it('ids', () => agree(contract.idSchema, core.idSchema))
  it('command ids', () => agree(contract.commandIdSchema, core.commandIdSchema))
  it('request ids', () => agree(contract.requestIdSchema, domain.requestIdSchema))
  it('assignment ids', () => agree(contract.assignmentIdSchema, domain.assignmentIdSchema))
  it('texts', () => agree(contract.textSchema(1, 30), domain.textSchema(1, 30)))
  it('zones that the contract takes, the domain can reckon with', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      expect([zone, contract.zoneSchema.safeParse(zone).success, domain.isZone(zone)]).toEqual([
        zone,
        true,
        true,
      ])
    }
    for (const zone of [
      'Mars/Olympus',
      '+02:00',
      'utc',
      'EUROPE/BERLIN',
      'local',
      'system',
      'UTC+1',
      'GMT+0',
      'Etc/GMT+5',
    ]) {
      if (contract.zoneSchema.safeParse(zone).success)
        expect([zone, domain.isZone(zone)]).toEqual([zone, true])
    }
  })
})
