import { setTimeout as delay } from 'node:timers/promises'

const EVERY_MILLIS = 10
const PATIENCE_MILLIS = 60_000
const SHOWN = 20
const problems: string[] = []

/** What the engine warned of: shown when something is waited for in vain. */
export const noteProblem = (line: string): void => {
  problems.push(line)
}

/**
 * Waits until `look` gives something else than undefined or false.
 * @param what completes "waited in vain for …"
 * @param seen what was found instead, for the error
 * @throws after a minute, with what was found instead and what the engine warned of last
 */
export const until = async <Found>(
  what: string,
  look: () => Promise<Found | undefined | false> | Found | undefined | false,
  seen: () => unknown = () => 'nothing',
): Promise<Found> => {
  const end = performance.now() + PATIENCE_MILLIS
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end)
      throw new Error(
        `waited in vain for ${what}; there was ${JSON.stringify(seen())}\n${problems.slice(-SHOWN).join('')}`,
      )
    await delay(EVERY_MILLIS)
  }
}
