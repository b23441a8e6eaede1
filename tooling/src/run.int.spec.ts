import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const scripts = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'scripts')

/** Stands in for npm: counts its calls, then does what `outcome` says. */
const NPM = `
const fs = require('node:fs')
fs.appendFileSync('calls', JSON.stringify([process.argv.slice(2), process.env.HOME, process.env.npm_config_cache]) + '\\n')
console.log('Progress: resolved 3, added 2')
const outcome = fs.readFileSync('outcome', 'utf8')
if (outcome !== '') { console.error(outcome); process.exit(1) }
fs.mkdirSync('node_modules/node/bin', { recursive: true })
fs.symlinkSync(process.execPath, 'node_modules/node/bin/node')
`
/** Stands in for the program: says when it is up, ends with 7 at a signal, after having said which. */
const PROGRAM = `
const told: string[] = []
const tick = setInterval(() => {}, 1000)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {
  told.push(signal)
  setImmediate(() => { console.log('told ' + told.join()); clearInterval(tick); process.exitCode = 7 })
})
console.log('up', ...process.argv.slice(2))
`

let root: string
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'portcullis-run-'))
  for (const file of ['run.mjs', 'setup.mjs', 'guard.mjs']) {
    write(`scripts/${file}`, '')
    copyFileSync(join(scripts, file), join(root, 'scripts', file))
  }
  write('package.json', '{"devDependencies":{"pnpm":"1.2.3"}}')
  write('packages/a/package.json', '{}')
  write('services/operator/package.json', '{}')
  write('services/operator/src/main.ts', PROGRAM)
  write('npm-cli.js', NPM)
  write('outcome', '')
})
afterEach(() => rm(root, { recursive: true, force: true }))

interface Run {
  readonly child: ChildProcess
  readonly shown: () => string
  readonly ended: Promise<number | null>
}

const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Run => {
  let text = ''
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), ...words], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, npm_execpath: join(root, 'npm-cli.js'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { child, shown: () => text, ended: once(child, 'close').then(([code]) => code) }
}

const up = (running: Run): Promise<void> =>
  vi.waitFor(() => expect(running.shown()).toContain('up start'), { timeout: 60_000 })

const startAndStop = async (env?: Readonly<Record<string, string>>): Promise<string> => {
  const running = run(['start'], env)
  await up(running)
  running.child.kill('SIGINT')
  expect(await running.ended).toBe(7)
  return running.shown()
}

const calls = (): readonly (readonly [string[], string, string?])[] =>
  readFileSync(join(root, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('scripts/run.mjs', () => {
  it('installs with the pinned pnpm, once, and again when a package.json changes', async () => {
    expect(await startAndStop()).toContain('Setting up')
    expect(calls()[0]?.[0]).toEqual(
      expect.arrayContaining(['exec', '--package=pnpm@1.2.3', 'install', '--frozen-lockfile']),
    )
    expect(await startAndStop()).not.toContain('Setting up')
    expect(calls()).toHaveLength(1)
    write('packages/a/package.json', '{"dependencies":{}}')
    await rm(join(root, 'node_modules'), { recursive: true })
    await startAndStop()
    expect(calls()).toHaveLength(2)
  })

  it.each([
    ['getaddrinfo ENOTFOUND', 'check the network'],
    ['ERR_PNPM_OUTDATED_LOCKFILE', 'commit pnpm-lock.yaml'],
    ['EACCES: permission denied', 'a checkout that belongs to you'],
    ['something else', 'deleting the folder node_modules'],
  ])(
    'shows the whole output of an installation that fails (%s) and the way out',
    async (output, wayOut) => {
      write('outcome', output)
      const running = run(['start'])
      expect(await running.ended).toBe(1)
      expect(running.shown()).toContain(`Progress: resolved 3, added 2\n${output}`)
      expect(running.shown()).toContain(wayOut)
      expect(existsSync(join(root, 'node_modules/.portcullis-setup'))).toBe(false)
    },
  )

  it('puts caches into the checkout where there is no home folder', async () => {
    await startAndStop({ HOME: join(root, 'nowhere') })
    expect(calls()[0]?.slice(1)).toEqual([join(root, '.cache'), join(root, '.cache/npm')])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'passes %s on once, waits, and ends as the program ends',
    async (signal) => {
      const running = run(['start', '--port', '0'])
      await up(running)
      expect(running.shown()).toContain('up start --port 0')
      running.child.kill(signal)
      expect(await running.ended).toBe(7)
      expect(running.shown()).toContain(`told ${signal}\n`)
    },
  )

  it('asks the program to end when it is killed itself', async () => {
    const running = run(['start'])
    await up(running)
    running.child.kill('SIGKILL')
    await running.ended
    expect(running.shown()).toContain('told SIGTERM\n')
  })

  it('names a file that the checkout lacks', async () => {
    const running = run(['bench'])
    expect(await running.ended).toBe(1)
    expect(running.shown()).toContain('tooling/src/bench.ts is missing')
  })
})
