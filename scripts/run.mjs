// The only thing that runs on the machine's own Node. It installs what is missing, then hands over to the Node 24 of
// the checkout. The syntax stays plain, so that an old Node can read as far as the message that says it is too old.
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureInstalled, environment, packagedNode, SetupError } from './setup.mjs'

const OLDEST_NODE = 20
/** The Node that runs the TypeScript sources directly, if the packaged one has no build for this machine. */
const SOURCES_NODE = 24
/**
 * Node lets the heap of a busy process grow to several times of what it keeps, before it looks for what can go. These
 * make it look sooner: a worker stays well below 300 MB, at a few per cent of its time. Neither is a limit that one
 * could run into.
 */
const HEAP = ['--max-semi-space-size=8', '--heap-growing-percent=50']

/** Words that start something which serves the portal. */
const WITH_PORTAL = ['start', 'test', 'scaled']

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const major = Number(process.versions.node.split('.')[0])

/** What runs for a word on the command line: a file of the checkout and its arguments. */
function target(words) {
  const rest = words.slice(1)
  if (words[0] === 'test') return ['tooling/src/test.ts'].concat(rest)
  if (words[0] === 'scaled') return ['tooling/src/scaled.ts'].concat(rest)
  if (words[0] === 'nightly') return ['tooling/src/nightly.ts'].concat(rest)
  if (words[0] === 'docs') return ['tooling/src/docs.ts']
  if (words[0] === 'bench') return ['tooling/src/bench.ts'].concat(rest)
  if (words[0] === 'demo') return ['services/operator/src/main.ts', 'timelapse'].concat(rest)
  return ['services/operator/src/main.ts'].concat(words)
}

/** The packaged Node 24; where it doesn't run (no build for this system), the machine's own if it is new enough. */
function nodeForSources() {
  const packaged = packagedNode(root)
  const probe = spawnSync(packaged, ['--version'], { encoding: 'utf8' })
  if (probe.status === 0) return packaged
  if (major >= SOURCES_NODE) return process.execPath
  throw new SetupError(
    `Node ${SOURCES_NODE} from the npm package "node" does not run on this system (${packaged}).`,
    'Delete the folder node_modules and run the same command again; if it stays so, install Node ' +
      SOURCES_NODE +
      ' or newer from https://nodejs.org and run it with that.',
  )
}

/**
 * Runs a file of the checkout and ends as it ends. The child is in a process group of its own, so that a Ctrl-C, which
 * the terminal sends to every process of the group, reaches it exactly once: through the handlers below.
 */
function handOver(node, words) {
  const guard = pathToFileURL(path.join(root, 'scripts', 'guard.mjs')).href
  const bin = path.join(root, 'node_modules', '.bin')
  const separated = process.platform !== 'win32'
  const child = spawn(
    node,
    HEAP.concat('--import', guard, path.join(root, words[0]), words.slice(1)),
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: separated,
      env: Object.assign({}, environment(root), {
        PATH: bin + path.delimiter + (process.env.PATH || ''),
        // Compiled once, and types taken off once: a second start takes little more than half the time.
        NODE_COMPILE_CACHE:
          process.env.NODE_COMPILE_CACHE || path.join(root, 'node_modules', '.cache', 'node'),
        PORTCULLIS_LAUNCHER_PID: String(process.pid),
      }),
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (separated) child.kill(signal)
    })
  }
  // npm, asked to stop, stops the shell between us and ends. Nobody else would tell us.
  if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(watch)
      child.kill('SIGTERM')
    }, 500)
  }
  child.on('error', (error) => {
    console.error(`portcullis: ${node} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + os.constants.signals[signal])
  })
}

async function main() {
  if (major < OLDEST_NODE) {
    throw new SetupError(
      `this is Node ${process.versions.node}; Portcullis needs Node ${OLDEST_NODE} or newer to set itself up.`,
      'Install a newer one (https://nodejs.org) and run the same command again.',
    )
  }
  const words = target(process.argv.slice(2))
  await ensureInstalled(root)
  if (!fs.existsSync(path.join(root, words[0]))) {
    throw new SetupError(`${words[0]} is missing.`, 'The checkout is not complete: get it again.')
  }
  const node = nodeForSources()
  const builds = fs.existsSync(path.join(root, 'services', 'portal', 'build', 'build.mjs'))
  if (builds && WITH_PORTAL.includes(process.argv[2])) {
    const { ensurePortal } = await import('./portal.mjs')
    await ensurePortal(root, node)
  }
  handOver(node, words)
}

main().catch((error) => {
  if (!(error instanceof SetupError)) throw error
  console.error(`\nportcullis: ${error.message}\n${error.wayOut}`)
  process.exit(1)
})
