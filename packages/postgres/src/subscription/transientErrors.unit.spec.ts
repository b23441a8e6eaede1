import { describe, expect, it } from 'vitest'
import { isTransientError } from './transientErrors.ts'

const coded = (code: string): Error => Object.assign(new Error('failed'), { code })

describe('isTransientError', () => {
  it.each([
    ['a refused connection', coded('ECONNREFUSED')],
    ['a server that shuts down', coded('57P01')],
    ['a deadlock', coded('40P01')],
    ['a full disk', coded('53100')],
    ['a transaction that stood still', coded('25P03')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a cause', new Error('could not enqueue', { cause: coded('ECONNRESET') })],
    ['one address of several', new AggregateError([coded('EINVAL'), coded('ECONNREFUSED')])],
  ])('is %s', (_, error) => expect(isTransientError(error)).toBe(true))

  it.each([
    ['a missing table', coded('42P01')],
    ['a violated constraint', coded('23505')],
    ['a bug', new TypeError('x is undefined')],
    ['no error at all', 'text'],
  ])('is not %s', (_, error) => expect(isTransientError(error)).toBe(false))
})
