import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSessionKeys, sessionKeysOf } from './sessionKeys.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'portcullis-session-key-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

it('the secret is made once, for its owner only, and gives every process the same keys', async () => {
  const [one, other] = [await openSessionKeys(dir), await openSessionKeys(dir)]
  expect((await stat(join(dir, 'session-key.json'))).mode & 0o777).toBe(0o600)
  expect(one.csrf('x')).toBe(other.csrf('x'))
  expect(one.signInCookie).toEqual(other.signInCookie)
})

it('each use has a key of its own, and each secret others', () => {
  const keys = [1, 2].map((byte) => sessionKeysOf(new Uint8Array(32).fill(byte)))
  const all = keys.flatMap(({ signInCookie, idToken, csrf }) => [
    Buffer.from(signInCookie).toString('hex'),
    Buffer.from(idToken).toString('hex'),
    csrf('x'),
    csrf('y'),
  ])
  expect(new Set(all).size).toBe(8)
})

it.each(['', '{}', '{"kty":"oct","k":"c2hvcnQ"}'])(
  'a damaged file (%j) is refused, and not shown',
  async (text) => {
    await writeFile(join(dir, 'session-key.json'), text, { mode: 0o600 })
    const error = await openSessionKeys(dir).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(
      /does not hold a secret of 256 bits; .*pages that are open have to be loaded again/,
    )
    expect(String(error)).not.toContain('c2hvcnQ')
  },
)
