/**
 * A moment in UTC, ISO 8601 with milliseconds and `Z`: `2026-11-23T21:18:00.000Z`.
 * The format is fixed, so that comparing two instants is comparing two strings.
 */
export type Instant = string

/** The only source of "now". Handed to everything that needs it; deciders get its reading as a value. */
export interface Clock {
  now(): Instant
}

/** Milliseconds since 1970-01-01 UTC of an instant. */
export const toMillis = (instant: Instant): number => Date.parse(instant)

/** The instant at a number of milliseconds since 1970-01-01 UTC. */
export const fromMillis = (millis: number): Instant => new Date(millis).toISOString()

/** The instant `millis` milliseconds after (or, negative, before) `instant`. */
export const addMillis = (instant: Instant, millis: number): Instant =>
  fromMillis(toMillis(instant) + millis)
