import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, messageOf } from '@portcullis/core'

/** A key file can't be used; the message says which file and what to do. */
export class KeyFileError extends Error {
  readonly code: string
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'KeyFileError'
    this.code = code
  }
}

export interface KeyFile<Key> {
  readonly fileName: string
  /** What errors call it: `the signing key`. */
  readonly name: string
  /** What a file that isn't one lacks: `an Ed25519 key`. */
  readonly holds: string
  /** What goes with it when it is deleted: `the tokens issued so far stop working`. */
  readonly lost: string
  /** Makes a new one, as the text of the file. */
  make(): Promise<string>
  /** @throws anything when the text isn't one */
  read(text: string): Promise<Key>
  error(message: string, cause?: unknown): Error
}

/**
 * A key of the engine's own, kept in the key folder for its owner only; made when it isn't there.
 * Processes that start at the same time end with the same key: the file appears whole or not at all, and the first one
 * stays.
 * @throws what `error` makes, when the file can't be read, is open to others or holds something else
 */
export const openKeyFile = async <Key>(keyDir: string, file: KeyFile<Key>): Promise<Key> => {
  const path = join(keyDir, file.fileName)
  const kept = await readKey(path, file)
  if (kept !== undefined) return kept.key
  await createKey(keyDir, path, file)
  const created = await readKey(path, file)
  if (created === undefined) throw file.error(`${path} was removed while it was being made`)
  return created.key
}

const createKey = async (keyDir: string, path: string, file: KeyFile<unknown>): Promise<void> => {
  const text = await file.make()
  const draft = join(keyDir, `.${file.fileName}.${randomUUID()}`)
  try {
    await mkdir(keyDir, { recursive: true, mode: 0o700 })
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // A link fails where the name is taken, so that the first process wins and nobody reads half a file.
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  } catch (error) {
    throw file.error(
      `cannot write ${file.name} to ${path}: ${messageOf(error)}; the folder must be writable for the user that runs the engine`,
      error,
    )
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}

const readKey = async <Key>(
  path: string,
  file: KeyFile<Key>,
): Promise<{ readonly key: Key } | undefined> => {
  let text: string
  let openToOthers = false
  try {
    const { mode } = await stat(path)
    openToOthers = process.platform !== 'win32' && (mode & 0o077) !== 0
    text = openToOthers ? '' : await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw file.error(`cannot read ${file.name} ${path}: ${messageOf(error)}`, error)
  }
  if (openToOthers)
    throw file.error(
      `${path} can be read by others; run "chmod 600" on it, or delete it: a new key is made and ${file.lost}`,
    )
  try {
    return { key: await file.read(text) }
  } catch {
    // The reason may quote the file, and so the key: it is left out.
    throw file.error(
      `${path} does not hold ${file.holds}; restore it from a backup, or delete it: a new key is made and ${file.lost}`,
    )
  }
}
