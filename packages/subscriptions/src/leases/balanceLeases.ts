/** What one process that is alive can run: names of subscriptions, with how much work each is beside the others. */
export type Offers = ReadonlyMap<string, number>

/** Who has a subscription now; undefined: nobody. */
export type Owners = ReadonlyMap<string, string | undefined>

/**
 * Who shall have which subscription: what is free goes to the runner with the least work, and one with too much gives
 * up what makes the loads more equal.
 * Anybody who has a subscription keeps it where nothing else speaks against it. The same for everybody who sees the
 * same, and once followed it changes nothing more.
 * @param runners those alive, by id; each needn't offer the same, as during an upgrade
 * @returns owner by subscription; one that nobody alive offers is missing
 */
export const balanceLeases = (
  runners: ReadonlyMap<string, Offers>,
  owners: Owners,
): ReadonlyMap<string, string> => {
  const ids = [...runners.keys()].sort()
  const loads = new Map(ids.map((id) => [id, 0]))
  const load = (id: string): number => loads.get(id) ?? 0
  const offering = (name: string): readonly string[] =>
    ids.filter((id) => runners.get(id)?.has(name) === true)
  // One number for all, also while releases differ in it: else moves to and fro might never end.
  const weight = (name: string): number =>
    Math.max(...offering(name).map((id) => runners.get(id)?.get(name) ?? 0))
  const shared = new Map<string, string>()
  const give = (name: string, to: string): void => {
    const from = shared.get(name)
    if (from !== undefined) loads.set(from, load(from) - weight(name))
    shared.set(name, to)
    loads.set(to, load(to) + weight(name))
  }
  const idlest = (name: string): string | undefined =>
    offering(name).reduce<string | undefined>(
      (found, id) => (found === undefined || load(id) < load(found) ? id : found),
      undefined,
    )
  const names = [...owners.keys()].sort((a, b) => weight(b) - weight(a) || (a < b ? -1 : 1))

  for (const name of names) {
    const owner = owners.get(name)
    if (owner !== undefined && offering(name).includes(owner)) give(name, owner)
  }
  for (const name of names) {
    const to = shared.has(name) ? undefined : idlest(name)
    if (to !== undefined) give(name, to)
  }
  // Each move makes the sum of the loads' squares smaller, so that there is an end to it.
  const better = (): readonly [string, string] | undefined => {
    for (const name of names) {
      const from = shared.get(name)
      const to = idlest(name)
      if (from === undefined || to === undefined) continue
      if (load(from) - load(to) > weight(name)) return [name, to]
    }
    return undefined
  }
  for (let move = better(); move !== undefined; move = better()) give(...move)
  return shared
}
