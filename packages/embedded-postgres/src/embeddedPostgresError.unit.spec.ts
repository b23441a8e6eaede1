import { expect, it } from 'vitest'
import { EmbeddedPostgresError, explain } from './embeddedPostgresError.ts'

const coded = (code: string) => Object.assign(new Error('system says no'), { code })

it.each([
  ['ENOSPC', coded('ENOSPC'), '', 'embedded-postgres.disk-full'],
  [
    'what initdb prints',
    undefined,
    'FATAL: could not write: No space left on device',
    'embedded-postgres.disk-full',
  ],
  ['EACCES', coded('EACCES'), '', 'embedded-postgres.folder-rights'],
  ['a read-only disk', coded('EROFS'), '', 'embedded-postgres.folder-rights'],
  [
    'what the server prints',
    undefined,
    'FATAL: data directory "/d" has wrong ownership',
    'embedded-postgres.folder-rights',
  ],
  ['anything else', new Error('odd'), 'FATAL: odd', 'embedded-postgres.failed'],
])('explains %s, naming the place and a way out', (_name, error, output, code) => {
  const explained = explain(error, 'Starting', '/data/postgres', output)
  expect(explained.code).toBe(code)
  expect(explained.message).toContain('/data/postgres')
  expect(explained.message).toContain('DATABASE_URL')
})

it('leaves an explained error as it is, and quotes only the last lines of an output', () => {
  const known = new EmbeddedPostgresError('embedded-postgres.in-use', 'in use')
  expect(explain(known, 'Starting', '/data')).toBe(known)
  const lines = Array.from({ length: 50 }, (_, n) => `line ${n}.`)
  const { message } = explain(undefined, 'Starting', '/data', lines.join('\n'))
  expect(message).toContain('line 49.')
  expect(message).not.toContain('line 40.')
})
