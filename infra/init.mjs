// Makes the secrets of infra/compose: random passwords and the key that signs tokens, one file each. Plain JavaScript,
// so that it runs before anything is installed.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const USAGE = `node infra/init.mjs [<folder>]
Makes a random password for each service, and the key that signs tokens, as files in <folder> (infra/compose/secrets unless named).
Files that are there are kept: delete one, and what belongs to it, to have a new one made.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  console.log(USAGE)
  process.exit(0)
}
if (args.length > 1 || args.some((word) => word.startsWith('-'))) {
  console.error(USAGE)
  process.exit(2)
}

const folder = path.resolve(
  args[0] || path.join(path.dirname(fileURLToPath(import.meta.url)), 'compose', 'secrets'),
)

/** Letters and digits only, so that it needs no encoding in addresses and files. */
function password() {
  return crypto.randomBytes(24).toString('hex')
}

/** @returns what the file holds, which is made first where it isn't there */
function secret(name, make, mode = 0o444) {
  const file = path.join(folder, name)
  try {
    // The folder is closed; the files are open, since each container reads them as a user of its own.
    fs.writeFileSync(file, make(), { flag: 'wx', mode })
    console.log(`made ${file}`)
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    console.log(`kept ${file}`)
  }
  return fs.readFileSync(file, 'utf8').trim()
}

try {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  fs.chmodSync(folder, 0o700)
  const postgres = secret('postgres-password', password)
  secret('database-url', () => `postgresql://portcullis:${postgres}@postgres:5432/portcullis`)
  const redis = secret('redis-password', password)
  secret('redis-url', () => `redis://portcullis:${redis}@redis:6379`)
  secret(
    'redis-users.acl',
    () =>
      `user default off\nuser portcullis on >${redis} ~{portcullis:* resetchannels +@all -@dangerous -@admin +info\n`,
  )
  secret('grafana-password', password)
  // Filled by hand once the api runs: docs/how-to/deploy.md says how.
  secret('metrics-token', () => '', 0o644)
  secret('signing-key.json', () =>
    JSON.stringify(crypto.generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
  )
} catch (error) {
  console.error(`infra/init.mjs: ${folder}: ${error.message}; name a folder that you may write to`)
  process.exit(1)
}
