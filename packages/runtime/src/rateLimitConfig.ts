import { isIP } from 'node:net'
import { z } from 'zod'

const perMinute = z.coerce.number('is not a number from 0 to 10000000').int().min(0).max(10_000_000)

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

/** How many requests the API takes of whom; 0 takes any number. */
export const rateLimitVariables = {
  /** Of one person or service, each minute. */
  PORTCULLIS_RATE_LIMIT_CALLER: perMinute.default(3000),
  /** From one address, each minute, with a token or without. */
  PORTCULLIS_RATE_LIMIT_ADDRESS: perMinute.default(12_000),
  /** Services without a limit. */
  PORTCULLIS_RATE_LIMIT_EXEMPT: list
    .refine(
      (names) => names.every((name) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)),
      'is not a list of names of services, such as hr,payroll',
    )
    .optional(),
  /** Proxies whose X-Forwarded-For says where a request comes from. */
  PORTCULLIS_TRUSTED_PROXIES: list
    .refine(
      (networks) => networks.every(isNetwork),
      'is not a list of addresses or networks, such as 10.0.0.0/8,::1',
    )
    .optional(),
} as const

export interface RateLimits {
  /** Requests a minute of one person or service; 0: any number. */
  readonly perCaller: number
  /** Requests a minute from one address; 0: any number. */
  readonly perAddress: number
  /** Names of services without a limit of their own; that of their address stays. */
  readonly exemptServices: readonly string[]
}

export const rateLimitsOf = (
  data: z.infer<z.ZodObject<typeof rateLimitVariables>>,
): RateLimits => ({
  perCaller: data.PORTCULLIS_RATE_LIMIT_CALLER,
  perAddress: data.PORTCULLIS_RATE_LIMIT_ADDRESS,
  exemptServices: data.PORTCULLIS_RATE_LIMIT_EXEMPT ?? [],
})
