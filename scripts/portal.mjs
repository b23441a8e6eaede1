// Builds the portal's pages when their sources have changed since. Plain JavaScript without dependencies: see run.mjs.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { isBuilt } from '../services/portal/build/stamp.mjs'
import { environment, SetupError } from './setup.mjs'

/** Most of a failed build's output that is shown, characters: its end says what is wrong. */
const SHOWN = 4000

/**
 * Builds the pages unless they are those of the sources, or aren't wanted; needs no network. The build before stays
 * whole until the new one is.
 * @param node the Node that runs the TypeScript sources
 * @throws SetupError with the end of the build's output and the way out
 */
export async function ensurePortal(root, node) {
  if (process.env.PORTCULLIS_PORTAL === 'off') return
  const portal = path.join(root, 'services', 'portal')
  if (isBuilt(root)) return
  const started = Date.now()
  const result = await build(root, node, portal)
  if (result.code !== 0) {
    throw new SetupError(
      `${result.output.trim().slice(-SHOWN)}\n\nThe pages of the portal could not be built (the output is above).`,
      'Undo what was changed in services/portal, or start without the pages: PORTCULLIS_PORTAL=off',
    )
  }
  console.error(`Built the portal's pages in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

function build(root, node, portal) {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(node, [path.join('build', 'build.mjs')], {
      cwd: portal,
      env: environment(root),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    function keep(chunk) {
      output += chunk
    }
    function stop() {
      child.kill('SIGTERM')
    }
    process.on('SIGTERM', stop)
    function end(code) {
      process.removeListener('SIGTERM', stop)
      resolve({ code, output })
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => {
      output += `${node}: ${error.message}\n`
      end(127)
    })
    child.on('close', (code, signal) => {
      end(signal === null ? code : signal)
    })
  })
}
