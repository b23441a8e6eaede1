import { operations } from '@portcullis/api-contract'
import type { z } from 'zod'

const schema = operations.createAccessPackage.body

/** The parts of a body that have the right shape, and where each of them was. */
export interface Draft {
  readonly body: z.output<typeof schema>
  /** Turns a path in the draft into one in the body as it was sent. */
  readonly place: (path: string) => string
}

const LISTS = ['resourceRoles', 'policies'] as const
const FIELDS = ['id', 'catalogId', 'displayName', 'description', 'hidden', ...LISTS] as const

/** Stands in for a name that is missing or wrong: no rule looks at it. */
const A_NAME = 'x'

/**
 * What can be looked at of a body whose shape is wrong in places: without the fields, roles and policies that are.
 * Undefined when nothing can, or when it can't be said which catalog is meant, on which most rules depend.
 */
export const draftOf = (raw: unknown, error: z.ZodError): Draft | undefined => {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined
  const sent: Readonly<Record<string, unknown>> = { ...raw }
  const wrong = error.issues.map(({ path: [field, index] }) => ({ field, index }))
  if (wrong.some(({ field }) => field === 'catalogId')) return undefined
  const kept: Record<string, unknown> = { displayName: A_NAME }
  const indexes: Record<string, readonly number[]> = {}
  for (const field of FIELDS) {
    const value = sent[field]
    const here = wrong.filter((issue) => issue.field === field)
    if (value === undefined || here.some(({ index }) => typeof index !== 'number')) continue
    if (!Array.isArray(value)) {
      if (here.length === 0) kept[field] = value
      continue
    }
    const good = [...value.keys()].filter((at) => here.every(({ index }) => index !== at))
    indexes[field] = good
    kept[field] = good.map((at) => value[at])
  }
  const read = schema.safeParse(kept)
  if (!read.success) return undefined
  const place = (path: string): string =>
    path.replace(
      /^body\.(resourceRoles|policies)\[(\d+)\]/,
      (_whole, field: string, at: string) => `body.${field}[${indexes[field]?.[Number(at)] ?? at}]`,
    )
  return { body: read.data, place }
}
