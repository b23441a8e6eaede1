import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { EXIT } from '@portcullis/runtime'
import { CommandFailed, type Output } from './output.ts'

/**
 * Passes a file on as it comes, to standard output or to a file that isn't there yet.
 * @throws CommandFailed (2) when the file is there, or can't be written
 */
export const saveCsv = async (
  bytes: ReadableStream<Uint8Array>,
  path: string | undefined,
  output: Output,
): Promise<void> => {
  const source = Readable.fromWeb(bytes)
  if (path === undefined) {
    await pipeline(source, process.stdout, { end: false })
    return
  }
  // What somebody has is not written over.
  await pipeline(source, createWriteStream(path, { flags: 'wx' })).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === undefined || error.syscall !== 'open') throw error
      throw new CommandFailed(
        error.code === 'EEXIST'
          ? `--out: ${path} is there already; name another file`
          : `--out: ${path} can't be written (${error.code})`,
        EXIT.usage,
      )
    },
  )
  await output.print(`Written to ${path}.`, { path })
}
