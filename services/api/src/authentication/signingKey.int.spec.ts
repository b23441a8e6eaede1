import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSigningKey, SigningKeyError } from './signingKey.ts'
import { createTokenAuthenticator } from './tokenAuthenticator.ts'
import { createTokenIssuer } from './tokens.ts'

const clock = { now: () => '2026-11-23T21:18:00.000Z' }
let dir = ''

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'portcullis-keys-')), 'data', 'keys')
})
afterEach(() => rm(join(dir, '..', '..'), { recursive: true, force: true }))

const keyFile = () => join(dir, 'signing-key.json')

describe('the signing key', () => {
  it('is made once, for its owner only, and found again', async () => {
    const first = await openSigningKey(dir)
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['signing-key.json'])
    expect((await openSigningKey(dir)).keyId).toBe(first.keyId)
    expect(first.publicJwk).not.toHaveProperty('d')
  })

  it('is the same for everybody who starts at the same time, in one process or several', async () => {
    const source = fileURLToPath(new URL('./signingKey.ts', import.meta.url))
    const script = `import { openSigningKey } from ${JSON.stringify(source)}
      console.log((await openSigningKey(${JSON.stringify(dir)})).keyId)`
    const processes = Array.from({ length: 4 }, async () => {
      const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
      return run.stdout.trim()
    })
    const here = Array.from({ length: 10 }, async () => (await openSigningKey(dir)).keyId)
    const ids = await Promise.all([...processes, ...here])
    expect(new Set(ids).size).toBe(1)
    expect(await readdir(dir)).toEqual(['signing-key.json'])
  })

  it('that others can read is refused, with what to do', async () => {
    await openSigningKey(dir)
    await chmod(keyFile(), 0o644)
    await expect(openSigningKey(dir)).rejects.toThrow(/can be read by others; run "chmod 600"/)
  })

  it.each(['', '{', '{"kty":"RSA"}', '{"kty":"OKP","crv":"Ed25519","x":"AA","d":"c2VjcmV0"}'])(
    'that is damaged (%j) is refused, and not shown',
    async (text) => {
      await openSigningKey(dir)
      await writeFile(keyFile(), text)
      const error = await openSigningKey(dir).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(SigningKeyError)
      expect(String(error)).toMatch(/does not hold an Ed25519 key; restore it/)
      expect(String(error)).not.toContain('c2VjcmV0')
    },
  )

  it('in a folder that cannot be written is refused, with what to do', async () => {
    await writeFile(join(dir, '..', '..', 'data'), 'a file where the folder should be')
    await expect(openSigningKey(dir)).rejects.toThrow(SigningKeyError)
  })
})

describe('issued tokens', () => {
  it('are taken by whoever has the same key folder', async () => {
    const issue = await createTokenIssuer({ keyDir: dir, clock })
    const authenticator = await createTokenAuthenticator({ clock, keys: { keyDir: dir } })
    const { token, expiresAt } = await issue({
      sub: 'hr',
      kind: 'service',
      roles: ['UserAdministrator'],
      ttlSeconds: 3600,
    })
    expect(expiresAt).toBe('2026-11-23T22:18:00.000Z')
    expect(await authenticator.authenticate(`Bearer ${token}`)).toMatchObject({
      ok: true,
      actor: { kind: 'service', id: 'hr' },
      directoryRoles: ['UserAdministrator'],
    })
    expect(token).not.toContain(JSON.parse(await readFile(keyFile(), 'utf8')).d)
  })

  it('are refused where the key is another one', async () => {
    const issue = await createTokenIssuer({ keyDir: dir, clock })
    const { token } = await issue({ sub: 'alice', kind: 'user', ttlSeconds: 60 })
    const elsewhere = await createTokenAuthenticator({ clock, keys: { keyDir: join(dir, 'b') } })
    expect(await elsewhere.authenticate(`Bearer ${token}`)).toMatchObject({ error: 'unknown-key' })
  })

  it.each([
    [{ sub: 'a b', kind: 'user', ttlSeconds: 60 }, 'an id is'],
    [{ sub: 'a', kind: 'user', ttlSeconds: 0 }, 'ttlSeconds'],
    [{ sub: 'a', kind: 'user', roles: ['UserAdministrator'], ttlSeconds: 60 }, "only a service's"],
  ] as const)('are not made from %j', async (request, words) => {
    const issue = await createTokenIssuer({ keyDir: dir, clock })
    await expect(issue(request)).rejects.toThrow(words)
  })
})
