import type { Clock, Instant } from '@portcullis/core'
import { fromEach, secretOf, type Whereabouts } from '../configFile.ts'
import { type ReceivedMessage, type WebhookSecrets, wrongWithSignature } from './signature.ts'
import { usableSecrets } from './webhookConnector.ts'

/** Tells whether a callback is from the receiver that an order went to, by the secret that both know. */
export interface CallbackVerifier {
  /** Undefined: it is. `wrong` also where no webhook has that name. */
  wrongWith(
    connector: string,
    message: ReceivedMessage,
  ): 'missing' | 'too-old' | 'wrong' | undefined
}

/** @param secrets by the connectors' names */
export const createCallbackVerifier = (
  secrets: ReadonlyMap<string, WebhookSecrets>,
  clock: Clock,
): CallbackVerifier => ({
  wrongWith: (connector, message) => {
    const known = secrets.get(connector)
    const now: Instant = clock.now()
    return known === undefined ? 'wrong' : wrongWithSignature(known, message, now)
  },
})

/**
 * The same for the webhooks of the configuration: it reads their secrets, and makes no connector.
 * @param config what was read from the configuration file, unchecked
 * @throws ConnectorsConfigError
 */
export const loadCallbackVerifier = async (
  config: unknown,
  options: Whereabouts & { readonly clock: Clock },
): Promise<CallbackVerifier> => {
  const secrets = await fromEach(config, async (entry) =>
    entry.kind === 'webhook'
      ? usableSecrets(await secretOf('secret', entry.secretEnv, entry.secretFile, options))
      : undefined,
  )
  return createCallbackVerifier(secrets, options.clock)
}
