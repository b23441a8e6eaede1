import { describe, expect, it } from 'vitest'
import type { Access } from '../connector.ts'
import { type Candidate, matchAccount } from './matchAccount.ts'

const tom: Access['subject'] = {
  id: 'tom',
  userName: 'tom',
  email: 'tom@northwind.example',
  displayName: 'Tom',
}
const kept = { ...tom, account: { id: 'A-1', member: 'A-1' } }
const plain = { id: 'a-9' }

describe('whose an account is', () => {
  it.each([
    ['found under the name, and nothing speaks against it', tom, [plain], 'a-9'],
    ['nobody found', tom, [], undefined],
    ['kept with the grant, whatever else says', kept, [{ id: 'A-1', externalId: 'x' }], 'A-1'],
    ['kept, among others of the name', kept, [plain, { id: 'A-1' }], 'A-1'],
    ['our id there, among others of the name', tom, [plain, { id: 'b', externalId: 'tom' }], 'b'],
    [
      'the directory’s external id',
      { ...tom, externalId: 'E7' },
      [{ id: 'b', externalId: 'E7' }],
      'b',
    ],
    [
      'the employee number',
      { ...kept, employeeNumber: '17' },
      [{ id: 'b', employeeNumber: '17' }],
      'b',
    ],
    [
      'a shared name, and an employee number that agrees',
      { ...tom, userNameShared: true, employeeNumber: '17' },
      [{ id: 'b', employeeNumber: ' 17' }],
      'b',
    ],
    [
      'blank numbers say nothing',
      { ...tom, employeeNumber: ' ' },
      [{ id: 'b', employeeNumber: '3' }],
      'b',
    ],
  ] as const)('%s', (_, subject, found, id) => {
    const candidates: readonly Candidate[] = found
    expect(matchAccount('scim', subject, candidates)?.id).toBe(id)
  })

  it.each([
    ['an address that is theirs alone', {}, {}, 'b'],
    [
      'a shared address, found by the user name',
      { emailShared: true },
      { foundBy: 'userName' },
      'b',
    ],
    ['a shared address, and our id there', { emailShared: true }, { externalId: 'tom' }, 'b'],
    [
      'a shared address, and the account that is kept',
      { ...kept, emailShared: true },
      { id: 'A-1' },
      'A-1',
    ],
  ] as const)('found by %s', (_, known, told, id) => {
    const found = { id: 'b', foundBy: 'email', ...told } as const
    expect(matchAccount('scim', { ...tom, ...known }, [found])?.id).toBe(id)
  })

  it.each([
    [
      'a shared address alone',
      { ...tom, emailShared: true },
      [{ id: 'b', foundBy: 'email' }],
      'email-shared',
    ],
    ['several under the name', tom, [plain, { id: 'b' }], 'user-ambiguous'],
    [
      'several with their id',
      tom,
      ['b', 'c'].map((id) => ({ id, externalId: 'tom' })),
      'user-ambiguous',
    ],
    [
      'a silent account beside somebody else’s',
      tom,
      [{ id: 'b', externalId: 'eve' }, plain],
      'user-ambiguous',
    ],
    ['another external id', tom, [{ id: 'b', externalId: 'tom2' }], 'account-of-another'],
    [
      'an external id in other letters',
      tom,
      [{ id: 'b', externalId: 'TOM' }],
      'account-of-another',
    ],
    [
      'another employee number',
      { ...tom, employeeNumber: '17' },
      [{ id: 'b', employeeNumber: '18' }],
      'account-of-another',
    ],
    [
      'an employee number that contradicts an id that agrees',
      { ...tom, employeeNumber: '17' },
      [{ id: 'b', externalId: 'tom', employeeNumber: '18' }],
      'account-of-another',
    ],
    ['another account than the one kept', kept, [plain], 'account-replaced'],
    ['an id in other letters', kept, [{ id: 'a-1' }], 'account-replaced'],
    ['a target without ids, after one with', kept, [{ id: null }], 'account-replaced'],
    ['a user name of two people', { ...tom, userNameShared: true }, [plain], 'user-name-shared'],
  ] as const)('refuses %s', (_, subject, found, reason) => {
    const candidates: readonly Candidate[] = found
    expect(() => matchAccount('ldap', subject, candidates)).toThrow(
      expect.objectContaining({ code: `ldap.${reason}`, transient: false }),
    )
  })
})
