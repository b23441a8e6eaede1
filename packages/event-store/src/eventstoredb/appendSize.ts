import { AppendTooLarge } from '../errors.ts'

/**
 * What a server takes in one append, bytes of the events' data together (`MaxAppendSize`, 1 MiB unless configured
 * otherwise).
 */
export const MAX_APPEND_BYTES = 1024 * 1024

/**
 * Refuses before anything is sent what the server would refuse. An append to one stream is written whole or not at all,
 * so that it can't be split.
 * @param data of each event, JSON
 * @throws AppendTooLarge
 */
export const checkAppendSize = (stream: string, data: readonly string[]): void => {
  const bytes = data.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  if (bytes > MAX_APPEND_BYTES)
    throw new AppendTooLarge(stream, data.length, `${bytes} bytes`, MAX_APPEND_BYTES)
}
