import { z } from 'zod'

/**
 * The last line of a bench: what it measured, in its unit, and how that compares with what it is held against (left
 * out: with nothing).
 */
const lastLineSchema = z.object({
  bench: z.string(),
  results: z.record(
    z.string(),
    z.object({ value: z.number(), unit: z.string(), ratio: z.number().optional() }),
  ),
})
type LastLine = z.infer<typeof lastLineSchema>

/**
 * Joins the last lines of the benches.
 * @returns `<bench>: <name>` to value, unit and ratio
 * @throws when a last line isn't of that shape, or when two benches use the same name
 */
export const mergeResults = (
  benches: readonly { readonly file: string; readonly lastLine: string }[],
): LastLine['results'] => {
  const merged: LastLine['results'] = {}
  for (const { file, lastLine } of benches) {
    const { bench, results } = readLastLine(file, lastLine)
    for (const [name, result] of Object.entries(results)) {
      const full = `${bench}: ${name}`
      if (merged[full] !== undefined) throw new Error(`${file}: the name "${full}" is taken`)
      merged[full] = result
    }
  }
  return merged
}

const readLastLine = (file: string, lastLine: string): LastLine => {
  try {
    return lastLineSchema.parse(JSON.parse(lastLine))
  } catch (cause) {
    throw new Error(
      `${file}: the last line must be JSON like {"bench": "appends", "results": {"name": {"value": 1, "unit": "events/s", "ratio": 0.9}}}; it is: ${lastLine}`,
      { cause },
    )
  }
}
