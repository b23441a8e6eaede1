export interface Difference {
  readonly path: string
  readonly problem: string
}

/**
 * Finds what of `value` would not come back from the log as it is now: what JSON can't hold (bigint, Date, undefined,
 * NaN, class instances), and what the schema dropped or changed on the way to `parsed`.
 * @returns the first difference; undefined when `value` is plain JSON and all of it is in the schema
 */
export const differenceAt = (
  value: unknown,
  parsed: unknown,
  path: string,
): Difference | undefined => {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value === parsed ? undefined : { path, problem: 'the schema changes this value' }
    case 'number':
      if (!Number.isFinite(value)) return { path, problem: `JSON can't hold ${value}` }
      return value === parsed ? undefined : { path, problem: 'the schema changes this value' }
    case 'object':
      if (value === null)
        return parsed === null ? undefined : { path, problem: 'the schema changes this value' }
      return Array.isArray(value) ? inArray(value, parsed, path) : inObject(value, parsed, path)
    default:
      return { path, problem: `JSON can't hold a value of type ${typeof value}` }
  }
}

const inArray = (
  value: readonly unknown[],
  parsed: unknown,
  path: string,
): Difference | undefined => {
  if (!Array.isArray(parsed) || parsed.length !== value.length)
    return { path, problem: 'the schema changes this list' }
  for (let index = 0; index < value.length; index += 1) {
    const difference = differenceAt(value[index], parsed[index], `${path}.${index}`)
    if (difference !== undefined) return difference
  }
  return undefined
}

const inObject = (value: object, parsed: unknown, path: string): Difference | undefined => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return { path, problem: `JSON can't hold a ${value.constructor.name}` }
  if (typeof parsed !== 'object' || parsed === null)
    return { path, problem: 'the schema changes this value' }
  const entries = Object.entries(value)
  for (const [key, inner] of entries) {
    if (!Object.hasOwn(parsed, key) && inner !== undefined)
      return { path: `${path}.${key}`, problem: 'the schema does not know this key' }
    const kept: unknown = Reflect.get(parsed, key)
    // The common case first, without making paths.
    if (inner === kept && (typeof inner === 'string' || inner === null)) continue
    const difference = differenceAt(inner, kept, `${path}.${key}`)
    if (difference !== undefined) return difference
  }
  const keys = Object.keys(parsed)
  if (keys.length === entries.length) return undefined
  const added = keys.find((key) => !Object.hasOwn(value, key))
  return { path: `${path}.${added}`, problem: 'the schema adds this key' }
}
