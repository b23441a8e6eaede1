import { type Instant, toMillis } from '@portcullis/core'
import { MAX_BROKEN, type PromiseResult } from './evidence.ts'
import type { LogEvent } from './logEvent.ts'

/** What the check of one promise collects. */
export interface Findings {
  looked(facts?: number): void
  broke(sentence: string): void
  result(): Pick<PromiseResult, 'holds' | 'checked' | 'violations' | 'broken'>
}

export const createFindings = (): Findings => {
  let checked = 0
  let violations = 0
  const broken: string[] = []
  return {
    looked: (facts = 1) => {
      checked += facts
    },
    broke: (sentence) => {
      violations += 1
      if (broken.length < MAX_BROKEN) broken.push(sentence)
    },
    result: () => ({ holds: violations === 0, checked, violations, broken }),
  }
}

/** Where an event is, for a sentence: `AssignmentEnded.v2 at position 12`. */
export const placeOf = ({ type, position }: LogEvent): string => `${type} at position ${position}`

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

/** A length of time in its two biggest units: `3 d 4 h`, `40 s`; `0 ms` for nothing or less. */
export const lengthText = (millis: number): string => {
  const parts: string[] = []
  let rest = Math.max(0, millis)
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
    // The unit after the biggest one is the last that is told.
    if (parts.length > 0 && (count === 0 || parts.length === 2)) break
  }
  return parts.join(' ') || '0 ms'
}

/** How long ago something was: see {@link lengthText}. */
export const ageText = (since: Instant, now: Instant): string =>
  lengthText(toMillis(now) - toMillis(since))
