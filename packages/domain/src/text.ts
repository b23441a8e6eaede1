import { plainText } from '@portcullis/core'
import { z } from 'zod'

/**
 * Text that people write: any Unicode, `min` to `max` characters (code points, as JSON Schema counts them), no control
 * characters but tab and line ends, no broken surrogate pairs.
 */
export const textSchema = (min: number, max: number) =>
  plainText(z.string().min(min).max(max), 'many')

/** Justifications and reasons: 0 to 10,000 characters. */
export const justificationSchema = textSchema(0, 10_000)

/**
 * Text from machines (a target's error), made fit for {@link textSchema}: control characters become spaces, broken
 * surrogate pairs U+FFFD, and what is over `max` is cut off. May be empty.
 */
export const cleanText = (text: string, max: number): string =>
  text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]|[\u2028\u2029]/gu, ' ')
    .slice(0, max)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim()
