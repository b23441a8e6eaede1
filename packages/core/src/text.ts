import type { z } from 'zod'

/**
 * Control characters, and the two that end a line in JavaScript but not in JSON; of `many` lines those but tab, line
 * feed and carriage return.
 */
const CONTROL = { one: /[\p{Cc}\u2028\u2029]/u, many: /[^\P{Cc}\t\n\r]|[\u2028\u2029]/u } as const
const LONE_SURROGATE = /\p{Surrogate}/u

/** Text that can be stored and shown: no control characters, no broken surrogate pairs. */
export const plainText = (schema: z.ZodString, lines: 'one' | 'many') =>
  schema
    .refine((text) => !CONTROL[lines].test(text), 'holds a control character')
    .refine((text) => !LONE_SURROGATE.test(text), 'holds half of a surrogate pair')
