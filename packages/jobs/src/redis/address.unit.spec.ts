import { describe, expect, it } from 'vitest'
import { parseRedisAddress, RedisAddressError } from './address.ts'

const NONE = {
  master: undefined,
  username: undefined,
  password: undefined,
  sentinelUsername: undefined,
  sentinelPassword: undefined,
  database: 0,
  tls: undefined,
}
const TLS = { ca: undefined, cert: undefined, key: undefined, verify: true, checkHostname: true }

describe('the address of Redis', () => {
  it.each([
    ['redis://h', { kind: 'single', hosts: [{ host: 'h', port: 6379 }] }],
    ['redis://[::1]:7/2', { kind: 'single', hosts: [{ host: '::1', port: 7 }], database: 2 }],
    [
      'redis://u%40x:p%3A%2F@h:1',
      { kind: 'single', hosts: [{ host: 'h', port: 1 }], username: 'u@x', password: 'p:/' },
    ],
    ['redis://:p@h', { kind: 'single', hosts: [{ host: 'h', port: 6379 }], password: 'p' }],
    ['rediss://h', { kind: 'single', hosts: [{ host: 'h', port: 6379 }], tls: TLS }],
    [
      'rediss://h?ssl_ca_certs=/c%20a.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem&ssl_check_hostname=false',
      {
        kind: 'single',
        hosts: [{ host: 'h', port: 6379 }],
        tls: { ...TLS, ca: '/c a.pem', cert: '/c.pem', key: '/k.pem', checkHostname: false },
      },
    ],
    [
      'rediss+cluster://u:p@h1,h2:7000/?ssl_cert_reqs=none',
      {
        kind: 'cluster',
        hosts: [
          { host: 'h1', port: 6379 },
          { host: 'h2', port: 7000 },
        ],
        username: 'u',
        password: 'p',
        tls: { ...TLS, verify: false },
      },
    ],
    [
      'redis+sentinel://u:p@h1,h2:1/main/3?sentinel_username=s&sentinel_password=t',
      {
        kind: 'sentinel',
        hosts: [
          { host: 'h1', port: 26_379 },
          { host: 'h2', port: 1 },
        ],
        master: 'main',
        username: 'u',
        password: 'p',
        sentinelUsername: 's',
        sentinelPassword: 't',
        database: 3,
      },
    ],
  ])('%s', (url, expected) => {
    expect(parseRedisAddress(url)).toEqual({ ...NONE, ...expected })
  })

  it.each([
    ['http://hidden', 'is not a URL starting with redis://, rediss://'],
    ['redis://', 'is not a URL starting with'],
    ['redis://us@er:hidden@h', 'encode special characters'],
    ['redis://u:%hidden@h', 'has a password with a % that encodes nothing'],
    ['redis://h:hidden', 'has a host that is not'],
    ['redis://h:65536', 'has a host that is not'],
    ['redis://h/hidden', 'has a database that is not a number'],
    ['redis://h/0/hidden', 'has more behind the host'],
    ['redis://h1,h2', 'names several hosts'],
    ['redis+cluster://h/1', 'a cluster has only number 0'],
    ['redis+sentinel://h', 'does not name the master'],
    ['redis+sentinel://h/main/hidden', 'has a database that is not a number'],
    ['redis://h?hidden=1', 'has an option that there is not; there are ssl_ca_certs'],
    ['redis://h?ssl_ca_certs=/hidden', 'ssl_ca_certs, which says nothing in a URL of this kind'],
    ['rediss://h?ssl_cert_reqs=hidden', 'ssl_cert_reqs that is neither'],
    ['rediss://h?ssl_check_hostname=hidden', 'ssl_check_hostname that is neither'],
    ['rediss://h?ssl_certfile=/hidden', 'they go together'],
  ])('%s is refused, without its value', (url, reason) => {
    const parse = () => parseRedisAddress(url)
    expect(parse).toThrow(RedisAddressError)
    expect(parse).toThrow(reason)
    expect(parse).not.toThrow(/hidden/)
  })
})
