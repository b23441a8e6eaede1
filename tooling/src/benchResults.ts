import { z } from 'zod'

/** What a bench measured: the value in its unit, and how it compares with what it is held against (null: with nothing). */
const resultsSchema = z.record(
  z.string(),
  z.object({ value: z.number(), unit: z.string(), ratio: z.number().nullable().default(null) }),
)
export type BenchResults = z.infer<typeof resultsSchema>

/**
 * Joins the last lines of the benches, each one JSON: name to value, unit and ratio.
 * @throws when a last line isn't that, or when two benches use the same name
 */
export const mergeResults = (
  benches: readonly { readonly file: string; readonly lastLine: string }[],
): BenchResults => {
  const merged: BenchResults = {}
  for (const { file, lastLine } of benches) {
    for (const [name, result] of Object.entries(resultsOf(file, lastLine))) {
      if (merged[name] !== undefined) throw new Error(`${file}: the name "${name}" is taken`)
      merged[name] = result
    }
  }
  return merged
}

const resultsOf = (file: string, lastLine: string): BenchResults => {
  try {
    return resultsSchema.parse(JSON.parse(lastLine))
  } catch (cause) {
    throw new Error(
      `${file}: the last line must be JSON like {"name": {"value": 1, "unit": "events/s", "ratio": 0.9}} (ratio: null or left out when there is none); it is: ${lastLine}`,
      { cause },
    )
  }
}
