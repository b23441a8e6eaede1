import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** Where the checkout keeps how long each step took the last time, in milliseconds. */
const FILE = 'node_modules/.cache/portcullis/steps.json'
const schema = z.record(z.string(), z.number())

export interface StepTimes {
  /**
   * Keeps how long a step took.
   * @returns a line about what is left; undefined when nothing is, or nothing is known of it
   */
  finished(step: string, millis: number): string | undefined
}

/** Tells how much time is left of these steps, by how long each took the last time. */
export const createStepTimes = (root: string, steps: readonly string[]): StepTimes => {
  const file = join(root, FILE)
  const known = read(file)
  return {
    finished: (step, millis) => {
      const place = steps.indexOf(step)
      if (place < 0) return undefined
      known[step] = millis
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(known))
      return leftOf(steps.slice(place + 1), known)
    },
  }
}

const read = (file: string): Record<string, number> => {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return {}
  }
}

/** @returns `  int, e2e left: about 9 min, as last time`; undefined where one of them hasn't run here yet */
export const leftOf = (
  steps: readonly string[],
  known: Readonly<Record<string, number>>,
): string | undefined => {
  const millis = steps.map((step) => known[step])
  if (steps.length === 0 || millis.some((time) => time === undefined)) return undefined
  const seconds = millis.reduce<number>((all, time) => all + (time ?? 0), 0) / 1000
  const about = seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`
  return `  left: ${steps.join(', ')}; about ${about}, as last time`
}
