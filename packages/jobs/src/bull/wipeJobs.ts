import { Queue } from 'bullmq'
import { type JobsServer, openBackend } from './openBackend.ts'

/**
 * Throws away every job of these queues, also those under way: while no worker runs. Whatever still is to be done is
 * found by the next sweep.
 * @param queues their names
 */
export const wipeJobs = async (server: JobsServer, queues: readonly string[]): Promise<void> => {
  const backend = openBackend(server, 1, () => {})
  try {
    await backend.prepare()
    for (const name of queues) {
      const queue = new Queue(
        name,
        { connection: {}, prefix: backend.prefixOf(name) },
        backend.factory,
      )
      queue.on('error', () => {})
      try {
        await queue.waitUntilReady()
        await queue.obliterate({ force: true })
      } finally {
        await queue.close()
      }
    }
  } finally {
    await backend.close()
  }
}
