import { performance } from 'node:perf_hooks'
import { type IQueueBackend, Queue } from 'bullmq'
import { calmWarnings, type JobsLog } from '../log.ts'
import { type JobsServer, openBackend } from './openBackend.ts'

/** BullMQ's own queues, for what shows them. */
export interface OpenQueues {
  readonly queues: readonly Queue[]
  close(): Promise<void>
}

/** Few: somebody looks now and then. */
const CONNECTIONS = 2

/**
 * Opens queues to look at them; runs nothing.
 * @throws the server's error when it can't be reached
 */
export const openQueues = async (
  server: JobsServer,
  names: readonly string[],
  log: JobsLog,
): Promise<OpenQueues> => {
  const warn = calmWarnings(log, () => performance.now())
  const trouble = (error: Error) => warn({ kind: server.kind }, `queue: ${error.message}`)
  const backend = openBackend(server, CONNECTIONS, trouble)
  await backend.prepare()
  const queues = names.map((name) => {
    const queue = new Queue<
      unknown,
      unknown,
      string,
      unknown,
      unknown,
      string,
      IQueueBackend,
      object
    >(name, { connection: {}, prefix: backend.prefixOf(name) }, backend.factory)
    queue.on('error', trouble)
    return queue as Queue
  })
  return {
    queues,
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close().catch(trouble)))
      await backend.close()
    },
  }
}
