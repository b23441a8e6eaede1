import { createHash } from 'node:crypto'

/**
 * The id under which the queue knows a job's key: BullMQ refuses `:` and digits only, keys may hold anything.
 * @returns `k` and 40 hexadecimal digits; same key, same id
 */
export const jobIdOf = (key: string): string =>
  `k${createHash('sha256').update(key).digest('hex').slice(0, 40)}`
