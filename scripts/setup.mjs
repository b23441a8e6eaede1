// Installs the packages of the lockfile, once. Plain JavaScript without dependencies: see run.mjs.
import { spawn } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** Something that the user has to know and can do something about. */
export class SetupError extends Error {
  constructor(message, wayOut) {
    super(message)
    this.wayOut = wayOut
  }
}

/** Where the npm package `node` puts its binary. */
export function packagedNode(root) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  return path.join(root, 'node_modules', 'node', 'bin', name)
}

/**
 * Installs when node_modules isn't the one of the lockfile and of the package.json files; else returns at once, without
 * the network.
 * @throws SetupError with the whole output of the installation and the way out
 */
export async function ensureInstalled(root) {
  const stampFile = path.join(root, 'node_modules', '.portcullis-setup')
  const wanted = fingerprint(root)
  if (readOr(stampFile, '') === wanted && fs.existsSync(packagedNode(root))) return
  const started = Date.now()
  await install(root)
  fs.writeFileSync(stampFile, wanted)
  console.error(`Set up in ${seconds(started)} s.`)
}

/** Changes whenever another installation is needed: other packages, or the same checkout on another system. */
function fingerprint(root) {
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'package.json',
    'bench/package.json',
    'tooling/package.json',
  ]
  for (const folder of ['packages', 'services']) {
    for (const name of fs.readdirSync(path.join(root, folder)).sort()) {
      files.push(`${folder}/${name}/package.json`)
    }
  }
  const hash = crypto.createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of files) hash.update(`\0${file}\0${readOr(path.join(root, file), '')}`)
  return hash.digest('hex')
}

/**
 * The environment for tools that keep things below the home folder. Where it can't be written, caches go into the
 * checkout; where it can't even be read, or there is none, the checkout's cache folder stands in for it.
 */
export function environment(root) {
  const home = homeFolder()
  if (may(home, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)) return process.env
  const cache = path.join(root, '.cache')
  fs.mkdirSync(cache, { recursive: true })
  return Object.assign({}, process.env, {
    HOME: may(home, fs.constants.R_OK | fs.constants.X_OK) ? home : cache,
    npm_config_cache: path.join(cache, 'npm'),
    XDG_DATA_HOME: path.join(cache, 'data'),
    XDG_CACHE_HOME: path.join(cache, 'cache'),
    XDG_STATE_HOME: path.join(cache, 'state'),
  })
}

async function install(root) {
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  const version = manifest.devDependencies.pnpm
  const command = npmCommand().concat('exec', '--yes', `--package=pnpm@${version}`, '--')
  const words = [
    'pnpm',
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
  ]
  console.error('Setting up: installing the packages (the first time this takes about a minute).')
  const result = await runQuietly(command.concat(words), root)
  if (result.code === 0) return
  throw new SetupError(
    `${result.output.trim()}\n\nThe packages could not be installed: ${words.join(' ')} ended with ${result.code} (its output is above).`,
    `${wayOut(result.output, root)} Then run the same command again; it goes on where it stopped.`,
  )
}

/** The npm that started us; else the one on PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath || ''
  if (path.basename(cli) === 'npm-cli.js' && fs.existsSync(cli)) return [process.execPath, cli]
  return ['npm']
}

/** Runs a command, keeps its output, shows how far it is. */
function runQuietly(command, cwd) {
  return new Promise((resolve) => {
    const started = Date.now()
    let output = ''
    let progress = ''
    const child = spawn(command[0], command.slice(1), {
      cwd,
      // CI: pnpm asks no questions.
      env: Object.assign({}, environment(cwd), { CI: 'true' }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // On Windows npm is a .cmd file, which only a shell runs. The words are ours and hold nothing to quote.
      shell: process.platform === 'win32' && command[0] === 'npm',
    })
    const tick = setInterval(
      () => {
        const line = `  ${seconds(started)} s${progress === '' ? '' : ` · ${progress}`}`
        process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
      },
      process.stderr.isTTY ? 1000 : 10_000,
    )
    function keep(chunk) {
      output += chunk
      const found = output.slice(-2000).match(/Progress: [^\r\n]*(?=[\r\n])/g)
      if (found !== null) progress = found[found.length - 1].slice('Progress: '.length)
    }
    function stop() {
      child.kill('SIGTERM')
    }
    process.on('SIGTERM', stop)
    function end(code) {
      clearInterval(tick)
      process.removeListener('SIGTERM', stop)
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
      resolve({ code, output })
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', (error) => {
      output += `${command[0]}: ${error.message}\n`
      end(127)
    })
    child.on('close', (code, signal) => {
      end(signal === null ? code : signal)
    })
  })
}

function wayOut(output, root) {
  if (/ENOSPC|no space left/i.test(output)) return 'The disk is full: free about 1 GB.'
  if (/EACCES|EPERM|permission denied|EROFS/i.test(output)) {
    return `A folder may not be written: use a checkout that belongs to you (${root}), without node_modules of another user.`
  }
  if (/OUTDATED_LOCKFILE/.test(output)) {
    return 'A package.json was changed without the lockfile: run "npx pnpm install" and commit pnpm-lock.yaml.'
  }
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|META_FETCH_FAIL|FETCH_/.test(output)) {
    return 'The package registry did not answer: check the network, the proxy and "npm config get registry".'
  }
  if (/npm: .*ENOENT/.test(output))
    return 'npm is not on PATH: it comes with Node from https://nodejs.org.'
  return 'Read the message above; deleting the folder node_modules makes the set-up start afresh.'
}

/** Empty when the user has none. */
function homeFolder() {
  try {
    return os.homedir()
  } catch {
    return ''
  }
}

function may(folder, mode) {
  try {
    fs.accessSync(folder, mode)
    return true
  } catch {
    return false
  }
}

function readOr(file, otherwise) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

function seconds(started) {
  return Math.round((Date.now() - started) / 1000)
}
