// Plain JavaScript without dependencies: the set-up reads it on the machine's own Node.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

/** In the built folder: what it was built from. */
export const STAMP_FILE = 'stamp'

/** Changes whenever another build is needed: other sources of the pages, or other packages. */
export function portalStamp(root) {
  const hash = crypto.createHash('sha256')
  const files = ['pnpm-lock.yaml', 'tsconfig.base.json']
  for (const folder of ['services/portal', 'packages/api-contract/src', 'packages/client/src']) {
    files.push(...sources(root, folder))
  }
  for (const file of files) {
    hash.update(`\0${file}\0`)
    hash.update(fs.readFileSync(path.join(root, file)))
  }
  return hash.digest('hex')
}

/** Are the built pages those of the sources? */
export function isBuilt(root) {
  try {
    const stamp = path.join(root, 'services', 'portal', 'dist', STAMP_FILE)
    return fs.readFileSync(stamp, 'utf8') === portalStamp(root)
  } catch {
    return false
  }
}

function sources(root, folder) {
  const found = []
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const name = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!/^(?:node_modules|dist|pictures|\..*)$/.test(entry.name)) {
        for (const each of sources(root, name)) found.push(each)
      }
    } else if (entry.isFile() && !entry.name.endsWith('.spec.ts')) {
      found.push(name)
    }
  }
  return found.sort()
}
