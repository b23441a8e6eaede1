/** One host of an address. */
export interface RedisHost {
  readonly host: string
  readonly port: number
}

/** What `REDIS_URL` says, taken apart. */
export interface RedisAddress {
  /** One server, the nodes of a cluster, or the Sentinels that know where the master is. */
  readonly kind: 'single' | 'cluster' | 'sentinel'
  readonly hosts: readonly RedisHost[]
  /** Name of the master at the Sentinels; with kind `sentinel` only. */
  readonly master: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  /** Sign-in at the Sentinels themselves, which have users of their own. */
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
  /** 0 on a cluster, which has no others. */
  readonly database: number
  /** Absent: no TLS. */
  readonly tls:
    | {
        /** Paths of PEM files. */
        readonly ca: string | undefined
        readonly cert: string | undefined
        readonly key: string | undefined
        /** false: whatever certificate the server shows is taken. */
        readonly verify: boolean
        /** false: a trusted certificate may be for another name. */
        readonly checkHostname: boolean
      }
    | undefined
}

/**
 * The address can't be read. The message is what follows `REDIS_URL`, and holds nothing of the value but names of
 * options.
 */
export class RedisAddressError extends Error {
  readonly code = 'redis.address'
  constructor(message: string) {
    super(message)
    this.name = 'RedisAddressError'
  }
}

const SCHEMES: Readonly<Record<string, readonly [RedisAddress['kind'], boolean]>> = {
  redis: ['single', false],
  rediss: ['single', true],
  'redis+cluster': ['cluster', false],
  'rediss+cluster': ['cluster', true],
  'redis+sentinel': ['sentinel', false],
  'rediss+sentinel': ['sentinel', true],
}
const TLS_OPTIONS = [
  'ssl_ca_certs',
  'ssl_certfile',
  'ssl_keyfile',
  'ssl_cert_reqs',
  'ssl_check_hostname',
]
const SENTINEL_OPTIONS = ['sentinel_username', 'sentinel_password']
const PORT = 6379
const SENTINEL_PORT = 26_379
const SHAPE =
  /^([a-z+]+):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\/([^/?#]*))?(?:\?([^#]*))?$/i

/**
 * Reads `redis://[[user]:password@]host[:port][/database]`, `redis+cluster://[…@]host[:port][,host[:port]…]` or
 * `redis+sentinel://[…@]host[:port][,host[:port]…]/master[/database]`; with `rediss` for TLS. User and password are
 * percent-encoded.
 * Options follow as `?name=value&…`, named as redis-py names them: for TLS `ssl_ca_certs`, `ssl_certfile`,
 * `ssl_keyfile` (paths of PEM files), `ssl_cert_reqs` (`required` or `none`), `ssl_check_hostname` (`true` or `false`);
 * for Sentinels `sentinel_username`, `sentinel_password`.
 * @throws RedisAddressError
 */
export const parseRedisAddress = (url: string): RedisAddress => {
  const [, scheme = '', user, hosts = '', first = '', second = '', query = ''] =
    SHAPE.exec(url) ?? []
  const [kind, secure] = SCHEMES[scheme.toLowerCase()] ?? []
  if (kind === undefined || secure === undefined)
    throw new RedisAddressError(
      `is not a URL starting with ${Object.keys(SCHEMES)
        .map((name) => `${name}://`)
        .join(', ')}; encode special characters of user and password (@ is %40)`,
    )
  const options = optionsOf(query, [
    ...(secure ? TLS_OPTIONS : []),
    ...(kind === 'sentinel' ? SENTINEL_OPTIONS : []),
  ])
  const [master, database] = pathOf(kind, decoded(first, 'path'), second)
  const colon = user?.indexOf(':') ?? -1
  const parsed = hosts
    .split(',')
    .map((host) => hostOf(host, kind === 'sentinel' ? SENTINEL_PORT : PORT))
  if (kind === 'single' && parsed.length > 1)
    throw new RedisAddressError(
      'names several hosts: write redis+cluster:// for a cluster, redis+sentinel:// for Sentinels',
    )
  return {
    kind,
    hosts: parsed,
    master,
    username: decoded(colon < 0 ? user : user?.slice(0, colon), 'user'),
    password: colon < 0 ? undefined : decoded(user?.slice(colon + 1), 'password'),
    sentinelUsername: options.sentinel_username,
    sentinelPassword: options.sentinel_password,
    database,
    tls: secure ? tlsOf(options) : undefined,
  }
}

const decoded = (text: string | undefined, part: string): string | undefined => {
  if (text === undefined || text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RedisAddressError(`has a ${part} with a % that encodes nothing: write %25 for it`)
  }
}

const hostOf = (text: string, otherwise: number): RedisHost => {
  const [, six, name, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]]+))(?::(\d+))?$/i.exec(text) ?? []
  const host = six ?? name
  const port = digits === undefined ? otherwise : Number(digits)
  if (host === undefined || port < 1 || port > 65_535)
    throw new RedisAddressError(
      'has a host that is not host, host:port or [address]:port with a port from 1 to 65535',
    )
  return { host, port }
}

const pathOf = (
  kind: RedisAddress['kind'],
  first: string | undefined,
  second: string,
): readonly [master: string | undefined, database: number] => {
  if (kind !== 'sentinel' && second !== '')
    throw new RedisAddressError('has more behind the host than the number of a database')
  const digits = kind === 'sentinel' ? second : (first ?? '')
  if (!/^\d{0,5}$/.test(digits))
    throw new RedisAddressError('has a database that is not a number such as /0')
  const database = Number(digits)
  if (kind === 'cluster' && database !== 0)
    throw new RedisAddressError('names a database, and a cluster has only number 0: leave it out')
  if (kind === 'sentinel' && first === undefined)
    throw new RedisAddressError(
      'does not name the master that the Sentinels watch: write it behind the hosts, such as …:26379/mymaster',
    )
  return [kind === 'sentinel' ? first : undefined, database]
}

const optionsOf = (
  query: string,
  allowed: readonly string[],
): Readonly<Record<string, string | undefined>> => {
  const given = [...new URLSearchParams(query)]
  const unknown = given.find(([name]) => !allowed.includes(name))
  if (unknown !== undefined) {
    const elsewhere = [...TLS_OPTIONS, ...SENTINEL_OPTIONS].includes(unknown[0])
    throw new RedisAddressError(
      elsewhere
        ? `has the option ${unknown[0]}, which says nothing in a URL of this kind: ssl_… needs rediss://, sentinel_… needs redis+sentinel://`
        : `has an option that there is not; there are ${[...TLS_OPTIONS, ...SENTINEL_OPTIONS].join(', ')}`,
    )
  }
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

const tlsOf = (options: Readonly<Record<string, string | undefined>>): RedisAddress['tls'] => {
  const { ssl_cert_reqs: requirement = 'required', ssl_check_hostname: names = 'true' } = options
  if (!['required', 'none'].includes(requirement))
    throw new RedisAddressError('has an ssl_cert_reqs that is neither required nor none')
  if (!['true', 'false'].includes(names))
    throw new RedisAddressError('has an ssl_check_hostname that is neither true nor false')
  if ((options.ssl_certfile === undefined) !== (options.ssl_keyfile === undefined))
    throw new RedisAddressError('has one of ssl_certfile and ssl_keyfile; they go together')
  return {
    ca: options.ssl_ca_certs,
    cert: options.ssl_certfile,
    key: options.ssl_keyfile,
    verify: requirement === 'required',
    checkHostname: names === 'true',
  }
}
