import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endProcess, freePort } from '@portcullis/core/testing'

/** A real OpenLDAP server on the loopback with a database of its own in a temporary folder. */
export interface Slapd {
  readonly port: number
  /** For `ldaps`, with `tls`. */
  readonly securePort: number
  /** PEM of the authority that signed its certificate, with `tls`. */
  readonly caFile: string
  /** Kills it; what was written stays. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Everything is below it. */
export const SUFFIX = 'dc=northwind,dc=example'
export const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: 'admin-secret-0123' } as const

// Debian keeps it where the PATH of ordinary users doesn't reach.
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }

const works = (command: string, words: readonly string[]): boolean => {
  try {
    execFileSync(command, words, { stdio: 'ignore', env: environment })
    return true
  } catch {
    return false
  }
}

/** Why the tests that need OpenLDAP can't run here; undefined when they can. */
export const slapdMissing = (): string | undefined => {
  if (!works('slapd', ['-VV']))
    return 'slapd is not on PATH or in /usr/sbin (Debian: apt-get install slapd)'
  if (!works('openssl', ['version']))
    return 'openssl is not on PATH (Debian: apt-get install openssl)'
  return undefined
}

export interface SlapdOptions {
  /** Also with `ldaps` and StartTLS; makes an authority and a certificate for `localhost`. */
  readonly tls?: boolean
  /** After which it closes connections that nothing is asked on; never when absent. */
  readonly idleSeconds?: number
  /** Groups follow entries that move, and forget those that are deleted. */
  readonly refint?: boolean
}

/** Starts `slapd` on free ports of 127.0.0.1. */
export const startSlapd = async (options: SlapdOptions = {}): Promise<Slapd> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-slapd-'))
  const [port, securePort] = [await freePort(), await freePort()]
  const file = (name: string): string => join(folder, name)
  await mkdir(file('data'))
  if (options.tls === true) makeCertificate(folder)
  await writeFile(file('slapd.conf'), configuration(folder, options))
  let server: ChildProcess | undefined
  const killNow = () => server?.kill('SIGKILL')
  process.once('exit', killNow)

  const start = async () => {
    const urls = [
      `ldap://127.0.0.1:${port}`,
      ...(options.tls === true ? [`ldaps://127.0.0.1:${securePort}`] : []),
    ]
    // A log level, even none, keeps it in the foreground.
    const started = spawn('slapd', ['-d', '0', '-h', urls.join(' '), '-f', file('slapd.conf')], {
      stdio: 'ignore',
      env: environment,
    })
    await once(started, 'spawn')
    server = started
    while (!(await listens(port))) {
      if (started.exitCode !== null)
        throw new Error(`slapd ended with ${started.exitCode} at start (port ${port})`)
      await delay(20)
    }
  }
  const kill = async () => {
    const killed = server
    server = undefined
    await endProcess(killed)
  }
  await start()
  return {
    port,
    securePort,
    caFile: file('ca.pem'),
    kill,
    start,
    stop: async () => {
      process.removeListener('exit', killNow)
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (folder: string, { tls, idleSeconds, refint }: SlapdOptions): string => `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload refint
pidfile "${folder}/slapd.pid"
argsfile "${folder}/slapd.args"
${idleSeconds === undefined ? '' : `idletimeout ${idleSeconds}`}
${tls === true ? `TLSCACertificateFile "${folder}/ca.pem"\nTLSCertificateFile "${folder}/server.pem"\nTLSCertificateKeyFile "${folder}/server.key"` : ''}
database mdb
directory "${folder}/data"
maxsize 268435456
# Tests don't outlive the machine, so nothing needs to reach the disk.
dbnosync
suffix "${SUFFIX}"
rootdn "${ADMIN.dn}"
rootpw "${ADMIN.password}"
index objectClass,uid,mail,entryUUID eq
sortvals member uniqueMember memberUid
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=hidden,${SUFFIX}" by * none
# Groups whose members nobody is shown.
access to dn.regex="^cn=secret[^,]*,ou=groups,${SUFFIX}$" attrs=member,uniqueMember,memberUid by dn.exact="cn=portcullis,${SUFFIX}" =w by * none
# Groups that don't list their members, but tell of one that is asked for.
access to dn.regex="^cn=discreet[^,]*,ou=groups,${SUFFIX}$" attrs=member,uniqueMember,memberUid by dn.exact="cn=portcullis,${SUFFIX}" =wc by * none
# People whose ids nobody is shown.
access to dn.subtree="ou=veiled,${SUFFIX}" attrs=entryUUID by * none
access to dn.subtree="ou=groups,${SUFFIX}" by dn.exact="cn=portcullis,${SUFFIX}" write by * none
access to * by users read by * none
${refint === true ? 'overlay refint\nrefint_attributes member uniqueMember' : ''}
`

const makeCertificate = (folder: string): void => {
  const run = (words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore', env: environment })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test authority']
  run(['req', '-x509', ...curve, ...authority, '-days', '2'])
  const server = ['-keyout', 'server.key', '-out', 'server.pem', '-subj', '/CN=localhost']
  const names = ['-addext', 'subjectAltName=DNS:localhost']
  run(['req', '-x509', ...curve, ...server, ...names, '-CA', 'ca.pem', '-CAkey', 'ca.key'])
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
