import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems hand out by themselves: 32768 and up in Linux, 49152 and up elsewhere. */
const LOWEST = 12_000
const HIGHEST = 32_000

/**
 * A port of 127.0.0.1 that nobody listens on, for a server that is told its port.
 * Not one that the system would choose: such a port may be some connection's own before the server has started.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    const server = createServer()
    const taken = Promise.withResolvers<boolean>()
    server.once('error', () => taken.resolve(true))
    server.listen(port, '127.0.0.1', () => taken.resolve(false))
    if (await taken.promise) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
