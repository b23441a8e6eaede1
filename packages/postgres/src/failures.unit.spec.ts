import { describe, expect, it } from 'vitest'
import { type DatabaseFailure, databaseFailure, isTransientError } from './failures.ts'

const coded = (code: string, message = 'failed'): Error =>
  Object.assign(new Error(message), { code })

describe('what an error of the database says', () => {
  it.each<readonly [string, unknown, DatabaseFailure | undefined]>([
    ['a refused connection', coded('ECONNREFUSED'), 'connection'],
    ['a broken pipe', coded('EPIPE'), 'connection'],
    [
      'a socket that is not there',
      Object.assign(coded('ENOENT'), { syscall: 'connect' }),
      'connection',
    ],
    ['a file that is not there', Object.assign(coded('ENOENT'), { syscall: 'open' }), undefined],
    ['a broken TLS session', coded('ERR_SSL_BAD_DECRYPT'), 'connection'],
    ['a connection that failed', coded('08006'), 'connection'],
    ['a server that shuts down', coded('57P01'), 'connection'],
    ['a server that starts', coded('57P03'), 'connection'],
    ['a session that was idle for too long', coded('57P05'), 'connection'],
    ['a server without a connection left', coded('53300'), 'connection'],
    ['a lost connection', new Error('Connection terminated unexpectedly'), 'connection'],
    ['a connection that takes too long', new Error('timeout expired'), 'connection'],
    ['a statement without an answer', new Error('Query read timeout'), 'connection'],
    [
      'a pool that is closed',
      new Error('Cannot use a pool after calling end on the pool'),
      'connection',
    ],
    [
      'a client that broke',
      new Error('Client has encountered a connection error and is not queryable'),
      'connection',
    ],
    ['a deadlock', coded('40P01', 'deadlock detected'), 'moment'],
    ['a serialisation failure', coded('40001'), 'moment'],
    ['a full disk', coded('53100'), 'moment'],
    ['a server without memory', coded('53200'), 'moment'],
    ['a lock that is not to be had', coded('55P03'), 'moment'],
    ['a cancelled statement', coded('57014'), 'moment'],
    ['an error of the disk', coded('58030'), 'moment'],
    ['a transaction that was idle', coded('25P03'), 'moment'],
    ['a transaction that took too long', coded('25P04'), 'moment'],
    ['a text that is none', coded('22021'), 'content'],
    ['a broken constraint', coded('23505'), 'content'],
    ['a limit of the server', coded('54000'), 'content'],
    ['a wrong password', coded('28P01'), undefined],
    ['a missing table', coded('42P01'), undefined],
    ['a missing right', coded('42501'), undefined],
    ['a bug', new TypeError('x is not a function'), undefined],
    ['no error at all', 'ECONNREFUSED', undefined],
  ])('%s', (_, error, failure) => {
    expect(databaseFailure(error)).toBe(failure)
    expect(isTransientError(error)).toBe(failure === 'connection' || failure === 'moment')
  })

  it.each([
    ['a cause', new Error('could not enqueue', { cause: coded('ECONNRESET') })],
    ['the cause of a cause', new Error('a', { cause: new Error('b', { cause: coded('40P01') }) })],
    ['one address of several', new AggregateError([coded('EINVAL'), coded('ECONNREFUSED')])],
    ['an event store that is away', coded('event-store.unavailable')],
  ])('may pass: %s', (_, error) => expect(isTransientError(error)).toBe(true))
})
