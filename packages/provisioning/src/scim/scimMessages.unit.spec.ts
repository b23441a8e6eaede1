import { expect, it } from 'vitest'
import { addValues, removeValues } from './scimMessages.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']

it('adds values in one operation, and removes each by a path of its own', () => {
  expect(addValues('roles', ['reader', 'editor'])).toEqual({
    schemas,
    Operations: [{ op: 'add', path: 'roles', value: [{ value: 'reader' }, { value: 'editor' }] }],
  })
  expect(removeValues('entitlements', ['reader', 'editor'])).toEqual({
    schemas,
    Operations: [
      { op: 'remove', path: 'entitlements[value eq "reader"]' },
      { op: 'remove', path: 'entitlements[value eq "editor"]' },
    ],
  })
})

it('lets no value say more than a value', () => {
  const evil = 'x"] or roles[value eq "admin\\'
  const [operation] = (removeValues('roles', [evil]) as { Operations: { path: string }[] })
    .Operations
  expect(JSON.parse(operation?.path.slice('roles[value eq '.length, -1) ?? '')).toBe(evil)
})
