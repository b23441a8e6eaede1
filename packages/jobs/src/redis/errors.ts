import { codeOf, messageOf } from '@portcullis/core'

/** Redis answers, and can't be used as it is configured; trying again changes nothing. The message holds no secret. */
export class RedisUnusable extends Error {
  readonly code = 'redis.unusable'
  constructor(message: string) {
    super(message)
    this.name = 'RedisUnusable'
  }
}

/** Redis can't be used now: it doesn't answer, is loading, has no memory or no master. It may pass on its own. */
export class RedisUnreachable extends Error {
  readonly code = 'redis.unreachable'
  constructor(message: string) {
    super(message)
    this.name = 'RedisUnreachable'
  }
}

const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/

/**
 * What an error of the client means to the one who set the address.
 * @param subject who failed, such as `Redis` or `the Sentinel`
 */
export const redisError = (cause: unknown, subject: string): RedisUnusable | RedisUnreachable => {
  if (cause instanceof RedisUnusable || cause instanceof RedisUnreachable) return cause
  const message = messageOf(cause)
  const code = codeOf(cause) ?? ''
  if (/^(?:WRONGPASS|ERR invalid password|ERR AUTH <password> called)/.test(message))
    return new RedisUnusable(`${subject} refuses the user or the password; correct the address`)
  if (message.startsWith('NOAUTH'))
    return new RedisUnusable(
      `${subject} asks for a password: write it into the address, as user:password@ before the host`,
    )
  if (message.startsWith('NOPERM'))
    return new RedisUnusable(
      `the user lacks a permission at ${subject}: ${message}; the how-to page of Redis has the rule of a user that has all that is needed`,
    )
  if (/cluster support disabled/i.test(message))
    return new RedisUnusable(
      `${subject} is not part of a cluster; write redis:// for a single server`,
    )
  if (CERTIFICATE.test(code))
    return new RedisUnusable(
      `the certificate of ${subject} is not accepted (${code}); name its authority with ssl_ca_certs=<file>, and use the host name that it was made for`,
    )
  if (code.startsWith('ERR_SSL_') && code.includes('ALERT'))
    return new RedisUnusable(
      `${subject} refuses our certificate (${code}); name one with ssl_certfile and ssl_keyfile`,
    )
  const mute = /ETIMEDOUT|ECONNRESET|EPIPE|closed|no answer|SSL/i.test(`${code} ${message}`)
  return new RedisUnreachable(
    `${subject} can't be used now: ${message || code}${mute ? '; check the host, the port, whether it speaks TLS there (rediss) or not (redis), and whether it asks for a certificate (ssl_certfile)' : ''}`,
  )
}
