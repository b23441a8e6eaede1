import { idSchema, plainText } from '@portcullis/core'
import { z } from 'zod'
import { asciiDomain } from '../domainName.ts'

/**
 * One line of text, `min` to `max` UTF-16 units, without control characters, broken surrogate pairs or bytes that
 * weren't UTF-8.
 */
const lineOfText = (min: number, max: number) =>
  plainText(
    z.string('must be text').min(min, 'is missing').max(max, `is longer than ${max} characters`),
    'one',
  )
    .refine((text) => !text.includes('\ufffd'), 'holds bytes that are not UTF-8 text')
    .refine((text) => min === 0 || text.trim() !== '', 'is blank')

const locales = new Map<string, boolean>()
const zones = new Map<string, boolean>()
const remembered = (known: Map<string, boolean>, text: string, test: () => void): boolean => {
  const before = known.get(text)
  if (before !== undefined) return before
  let valid = true
  try {
    test()
  } catch {
    valid = false
  }
  // A file full of made-up values mustn't fill the memory.
  if (known.size < 10_000) known.set(text, valid)
  return valid
}

export const id = idSchema
export const name = lineOfText(1, 256)
export const description = lineOfText(0, 2000).default('')
/** What a target system knows something by: an id, a DN, a path. */
export const externalId = lineOfText(1, 1024)
/**
 * What an identity provider knows somebody by, whatever their names: `oid` in Microsoft Entra. Written small, as it is
 * compared.
 */
export const objectId = z
  .guid('is not a UUID, such as "2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11"')
  .transform((text) => text.toLowerCase())
export const email = lineOfText(1, 254).refine(
  (text) => /^[^\s@<>()[\],;:\\"]{1,64}@[^\s@<>()[\],;:\\"]+$/.test(text),
  'is not an e-mail address',
)
export const flag = z.boolean('must be true or false')
export const locale = lineOfText(2, 35).refine(
  (text) => remembered(locales, text, () => Intl.getCanonicalLocales(text)),
  'is not a language tag (BCP 47), such as "de" or "pt-BR"',
)
export const zone = lineOfText(1, 64).refine(
  (text) => remembered(zones, text, () => new Intl.DateTimeFormat('en', { timeZone: text })),
  'is not a time zone (IANA), such as "Europe/Berlin"',
)
export const domain = lineOfText(1, 253).refine(
  (text) => asciiDomain(text) !== undefined,
  'is not a domain name, such as "example.org"',
)
/** RFC 3339 with an offset or `Z`; kept in UTC with milliseconds. */
export const instant = z.iso
  .datetime({ offset: true, error: 'is not a moment, such as "2026-10-01T00:00:00Z"' })
  .max(40)
  .refine((text) => {
    const year = new Date(text).getUTCFullYear()
    return year >= 1970 && year < 2200
  }, 'is not a moment from 1970 to 2199')
  .transform((text) => new Date(text).toISOString())
export const connector = z
  .string('must be text')
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'is not the name of a connector, such as "file" or "scim"')
