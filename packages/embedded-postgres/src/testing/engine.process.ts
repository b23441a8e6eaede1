import { startEmbeddedPostgres } from '../embeddedPostgres.ts'
import { EmbeddedPostgresError } from '../embeddedPostgresError.ts'

/**
 * A process of the specs: starts the server of a data folder, says so in a line of JSON, and stops it on SIGTERM.
 * Ctrl-C it ignores.
 * Argument: the data folder.
 */
const [, , dataDir = ''] = process.argv
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`)
process.on('SIGINT', () => say({ kind: 'interrupted' }))
try {
  const server = await startEmbeddedPostgres({ dataDir, log: () => {} })
  process.once('SIGTERM', () => {
    void server.stop().then(() => process.exit(0))
  })
  say({ kind: 'running', url: server.url })
} catch (error) {
  if (!(error instanceof EmbeddedPostgresError)) throw error
  say({ kind: 'refused', code: error.code, message: error.message })
}
