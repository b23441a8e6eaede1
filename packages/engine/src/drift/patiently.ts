import { delay } from '@portcullis/postgres'
import { ConnectorError } from '@portcullis/provisioning'

const MOST_TRIES = 10
const SHORTEST_WAIT = 200

/**
 * A scan gives way: what its connector has no room for now is asked a little later.
 * @throws what else it throws, and after some tries that too
 */
export const patiently = async <Answer>(
  signal: AbortSignal,
  ask: () => Promise<Answer>,
): Promise<Answer> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      signal.throwIfAborted()
      const busy = error instanceof ConnectorError && error.code === 'connector.busy'
      if (!busy || tries === MOST_TRIES) throw error
      await delay(Math.max(SHORTEST_WAIT, error.retryAfterMillis ?? 0), signal)
    }
  }
}
