import { fromMillis, type Instant, type QueueCounts } from '@portcullis/core'
import { type IQueueBackend, Queue } from 'bullmq'
import { within } from '../within.ts'
import { type JobsServer, openBackend } from './openBackend.ts'

export interface QueueState extends QueueCounts {
  /** Since when the oldest of those that wait could have been run; null when none waits. */
  readonly oldestReadyAt: Instant | null
}

/** Looks at queues from outside: for processes that run no jobs. */
export interface QueueReader {
  /** @throws JobsUnavailable, or what the driver throws */
  read(queue: string): Promise<QueueState>
  close(): Promise<void>
}

type ReadQueue = Queue<unknown, void, string, unknown, void, string, IQueueBackend, object>

const CONNECTIONS = 2
const ANSWER_MILLIS = 5_000
/** Jobs that are looked at from each end of a line, but for one. */
const NEAR = 19

/** Connects when first asked. */
export const createQueueReader = (
  server: JobsServer,
  onTrouble: (error: Error) => void,
): QueueReader => {
  const backend = openBackend(server, CONNECTIONS, onTrouble)
  const queues = new Map<string, ReadQueue>()
  const queueFor = async (name: string): Promise<ReadQueue> => {
    await backend.prepare()
    let queue = queues.get(name)
    if (queue === undefined) {
      queue = new Queue(
        name,
        { connection: {}, prefix: backend.prefixOf(name) },
        backend.factory,
      ) as ReadQueue
      queue.on('error', onTrouble)
      queues.set(name, queue)
    }
    try {
      await queue.waitUntilReady()
    } catch (error) {
      // BullMQ never tries again to get ready: the next look starts with a new one.
      queues.delete(name)
      queue.close().catch(onTrouble)
      throw error
    }
    return queue
  }
  return {
    read: (name) =>
      within(
        (async () => {
          const queue = await queueFor(name)
          const counts = await queue.getJobCounts(
            'waiting',
            'prioritized',
            'delayed',
            'active',
            'failed',
          )
          // The oldest is near one end of the line: near which, the backends don't agree.
          const ends = [
            ...(await queue.getJobs('waiting', 0, NEAR, true)),
            ...(await queue.getJobs('waiting', 0, NEAR, false)),
            ...(await queue.getJobs('prioritized', 0, NEAR, true)),
            ...(await queue.getJobs('prioritized', 0, NEAR, false)),
          ]
          const ready = ends.flatMap((job) =>
            // A job may have been taken between the two looks.
            job === undefined || job === null ? [] : [job.timestamp + (job.opts.delay ?? 0)],
          )
          return {
            waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
            delayed: counts.delayed ?? 0,
            active: counts.active ?? 0,
            failed: counts.failed ?? 0,
            oldestReadyAt: ready.length === 0 ? null : fromMillis(Math.min(...ready)),
          }
        })(),
        ANSWER_MILLIS,
        `looking at ${name}`,
      ),
    close: async () => {
      for (const queue of queues.values()) await queue.close().catch(onTrouble)
      await backend.close().catch(onTrouble)
    },
  }
}
