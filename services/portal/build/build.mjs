// Builds the portal's pages into dist/, unless they are those of the sources: the set-up and turbo both ask for them.
// The build before stays whole until the new one is.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'
import { isBuilt, portalStamp, STAMP_FILE } from './stamp.mjs'

const portal = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const root = path.dirname(path.dirname(portal))
const dist = path.join(portal, 'dist')
const fresh = path.join(portal, `.dist-${crypto.randomUUID()}`)
const old = path.join(portal, `.dist-${crypto.randomUUID()}`)
/** What compressing makes smaller. */
const TEXT = /\.(?:js|css|html|svg|webmanifest|json)$/
/** Bytes below which an answer isn't worth compressing. */
const SMALL = 1024

async function main() {
  if (isBuilt(root)) return
  const stamp = portalStamp(root)
  const { build } = await import('vite')
  try {
    await build({
      root: portal,
      configFile: path.join(portal, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    })
    for (const file of filesIn(fresh)) compress(file)
    fs.writeFileSync(path.join(fresh, STAMP_FILE), stamp)
    if (fs.existsSync(dist)) fs.renameSync(dist, old)
    fs.renameSync(fresh, dist)
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true })
    fs.rmSync(old, { recursive: true, force: true })
  }
}

function filesIn(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

function compress(file) {
  const bytes = fs.readFileSync(file)
  if (!TEXT.test(file) || bytes.length < SMALL || file.includes(`${path.sep}.vite${path.sep}`))
    return
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  // 9 of 11: within a few per cent of the best, in a tenth of the time.
  const params = { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_SIZE_HINT]: bytes.length }
  fs.writeFileSync(`${file}.br`, zlib.brotliCompressSync(bytes, { params }))
  fs.writeFileSync(`${file}.gz`, zlib.gzipSync(bytes, { level: 9 }))
}

await main()
