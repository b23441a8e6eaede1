import { expect, it } from 'vitest'
import { backOff, isAboutContent, isConnectionLoss } from './connectionLoss.ts'

const coded = (code: string, message = 'something') => Object.assign(new Error(message), { code })

it.each([
  ['a refused connection', coded('ECONNREFUSED'), true],
  ['a broken pipe', coded('EPIPE'), true],
  ['a server that shuts down', coded('57P01'), true],
  ['a server that starts', coded('57P03'), true],
  [
    'a lost connection as the driver tells it',
    new Error('Connection terminated unexpectedly'),
    true,
  ],
  ['a statement that took too long', new Error('Query read timeout'), true],
  ['a full disk', coded('53100'), false],
  ['a wrong password', coded('28P01'), false],
  ['a broken constraint', coded('23505'), false],
  ['a mistake of ours', new TypeError('x is not a function'), false],
  ['no error at all', 'ECONNREFUSED', false],
])('tells whether the connection failed: %s', (_name, error, lost) => {
  expect(isConnectionLoss(error)).toBe(lost)
})

it('tells whether what was in the statement is to blame', () => {
  expect(
    ['22P02', '23505', '54000', '53100', '57P01'].map((code) => isAboutContent(coded(code))),
  ).toEqual([true, true, true, false, false])
})

it('waits longer from try to try, up to 2 s', () => {
  expect([0, 1, 2, 10].map(backOff)).toEqual([50, 100, 200, 2_000])
})
