/** One step from an older version of an event type to the next. Pure; keeps working on every event ever stored. */
export interface Upcaster {
  /** The next version's stored name. */
  readonly to: string
  upcast(data: object): object
}

/** Keyed by the stored name that they start from: `RequestSubmitted.v1`. */
export type Upcasters = Readonly<Record<string, Upcaster>>

const VERSIONED = /^([A-Z][A-Za-z0-9]*)\.v([1-9]\d*)$/

const parse = (type: string): { readonly name: string; readonly version: number } => {
  const [, name, version] = VERSIONED.exec(type) ?? []
  if (name === undefined || version === undefined)
    throw new Error(`event type ${type} is not named like RequestSubmitted.v1`)
  return { name, version: Number(version) }
}

/**
 * Checks at start-up that every older version ever stored can still be read: from v1 to the newest, one step after the
 * other.
 * @throws Error naming the missing or wrong step
 */
export const checkChains = (types: readonly string[], upcasters: Upcasters): void => {
  const newest = new Map<string, number>()
  for (const type of types) {
    const { name, version } = parse(type)
    const other = newest.get(name)
    if (other !== undefined)
      throw new Error(
        `${name} has schemas for v${other} and v${version}: only the newest is written, make the older one an upcaster`,
      )
    newest.set(name, version)
  }
  for (const [from, { to }] of Object.entries(upcasters)) {
    const { name, version } = parse(from)
    const last = newest.get(name)
    if (to !== `${name}.v${version + 1}`)
      throw new Error(`the upcaster of ${from} must lead to ${name}.v${version + 1}, not to ${to}`)
    if (last === undefined || version >= last)
      throw new Error(`the upcaster of ${from} leads to ${to}, which has no schema`)
  }
  for (const [name, last] of newest)
    for (let version = 1; version < last; version += 1)
      if (!Object.hasOwn(upcasters, `${name}.v${version}`))
        throw new Error(
          `no upcaster from ${name}.v${version}: events of that version in the log could not be read`,
        )
}
