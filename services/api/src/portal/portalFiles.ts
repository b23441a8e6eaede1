import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { codeOf } from '@portcullis/core'

/** One built file as it is answered. */
export interface PortalFile {
  readonly type: string
  /** Of what it holds: the same bytes, the same tag. */
  readonly etag: string
  readonly body: Buffer
  /** Compressed when it was built; absent for what is small or doesn't get smaller. */
  readonly brotli?: Buffer
  readonly gzip?: Buffer
}

/** A whole build of the portal, by address: `/index.html`, `/assets/…`. */
export type PortalFiles = ReadonlyMap<string, PortalFile>

/** Where the set-up builds it. */
export const PORTAL_FOLDER = join(import.meta.dirname, '../../../portal/dist')

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
}

/**
 * Reads a build into memory, some megabytes: a process answers one build for as long as it lives, however often another
 * one is put in its place meanwhile, and no address can lead out of the folder.
 * @returns undefined where there is none
 */
export const readPortal = async (folder: string): Promise<PortalFiles | undefined> => {
  const found = new Map<string, Buffer>()
  try {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      found.set(`/${relative(folder, file).split(sep).join('/')}`, await readFile(file))
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const files = new Map<string, PortalFile>()
  for (const [address, body] of found) {
    // What isn't of a known kind is about the build, and for nobody to see.
    const type = TYPES[extname(address)]
    if (type === undefined || address.startsWith('/.')) continue
    const brotli = found.get(`${address}.br`)
    const gzip = found.get(`${address}.gz`)
    files.set(address, {
      type,
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`,
      body,
      ...(brotli === undefined ? {} : { brotli }),
      ...(gzip === undefined ? {} : { gzip }),
    })
  }
  return files.has('/index.html') ? files : undefined
}
