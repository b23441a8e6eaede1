import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool } from '@portcullis/postgres'
import { startTestServer } from '@portcullis/postgres/testing'

/** A PostgreSQL that speaks TLS, and refuses everything else to the role of its addresses. */
export interface TlsDatabase {
  /** Without parameters: not to be got in by. Its certificate is for `localhost`. */
  readonly url: string
  /** Files of authorities: the one that signed the server's certificate, and another one. */
  readonly authority: string
  readonly otherAuthority: string
  /** By a superuser, for looking at. */
  readonly pool: ReturnType<typeof createPool>
  close(): Promise<void>
}

/** Why it can't be made here; undefined when it can. */
export const opensslMissing = (): string | undefined => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'openssl is not on PATH (Debian: apt-get install openssl)'
  }
}

export const startTlsDatabase = async (): Promise<TlsDatabase> => {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-tls-'))
  opened.defer(() => rm(folder, { recursive: true, force: true }))
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  for (const name of ['authority', 'other'])
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-subj',
      `/CN=${name}`,
    )
  const by = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-subj', '/CN=localhost']
  const name = ['-addext', 'subjectAltName=DNS:localhost']
  openssl('req', '-x509', ...key, ...by, ...name, '-keyout', 'server.key', '-out', 'server.pem')

  const server = await startTestServer()
  opened.defer(() => server.stop())
  const pool = createPool(server.url, { max: 2, applicationName: 'test' })
  opened.defer(() => pool.end())
  /** Into the server's folder, by the server: only its own user's key will do. */
  const give = async (file: string, content: string): Promise<void> => {
    const lines = content
      .trim()
      .split('\n')
      .map((line) => `('${line}')`)
    await pool.query(
      `copy (select * from (values ${lines.join(', ')}) as lines) to program 'umask 077; cat > ${file}'`,
    )
  }
  await give('server.pem', await readFile(join(folder, 'server.pem'), 'utf8'))
  await give('server.key', await readFile(join(folder, 'server.key'), 'utf8'))
  await pool.query(`create role engine login password 'secret'`)
  await pool.query('create database over_tls owner engine')
  await give(
    'pg_hba.conf',
    'hostnossl all engine all reject\nhost all all all scram-sha-256\nlocal all all scram-sha-256',
  )
  for (const setting of [`ssl_cert_file = 'server.pem'`, `ssl_key_file = 'server.key'`, 'ssl = on'])
    await pool.query(`alter system set ${setting}`)
  await pool.query('select pg_reload_conf()')
  const isOn = async (): Promise<boolean> =>
    (await pool.query<{ ssl: string }>('show ssl')).rows[0]?.ssl === 'on'
  while (!(await isOn()));

  const url = new URL(server.url)
  url.hostname = 'localhost'
  url.username = 'engine'
  url.password = 'secret'
  url.pathname = '/over_tls'
  const resources = opened.move()
  return {
    url: url.href,
    authority: join(folder, 'authority.pem'),
    otherAuthority: join(folder, 'other.pem'),
    pool,
    close: () => resources.disposeAsync(),
  }
}
