import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '../..')
/** Stands in for the build: counts its runs, then does what `outcome` says. */
const BUILD = `
import fs from 'node:fs'
import { portalStamp, STAMP_FILE } from './stamp.mjs'
fs.appendFileSync('../../runs', 'x')
if (fs.existsSync('../../outcome')) { console.error('broken here'); process.exit(1) }
fs.mkdirSync('dist', { recursive: true })
fs.writeFileSync('dist/' + STAMP_FILE, portalStamp('../..'))
`
/** What run.mjs does with it. */
const ENSURE = `
import { ensurePortal } from './scripts/portal.mjs'
await ensurePortal(process.cwd(), process.execPath).catch((error) => {
  console.error(error.message, error.wayOut)
  process.exit(1)
})
`

let root: string
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const runs = (): number =>
  existsSync(join(root, 'runs')) ? readFileSync(join(root, 'runs'), 'utf8').length : 0

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'portcullis-portal-'))
  for (const file of ['scripts/portal.mjs', 'scripts/setup.mjs', 'services/portal/build/stamp.mjs'])
    cpSync(join(CHECKOUT, file), join(root, file))
  write('services/portal/build/build.mjs', BUILD)
  write('services/portal/src/main.tsx', 'one')
  write('packages/api-contract/src/index.ts', '')
  write('packages/client/src/index.ts', '')
  write('pnpm-lock.yaml', '')
  write('tsconfig.base.json', '{}')
  write('ensure.mjs', ENSURE)
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** @returns what the set-up says when it fails; an empty text when it doesn't */
const ensure = (env: Readonly<Record<string, string>> = {}): string => {
  const { status, stderr } = spawnSync(process.execPath, ['ensure.mjs'], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: root, ...env },
    encoding: 'utf8',
  })
  return status === 0 ? '' : stderr
}

describe('the portal’s pages', () => {
  it('are built once, and again only when something that they are made of has changed', () => {
    ensure()
    ensure()
    expect(runs()).toBe(1)
    for (const file of [
      'services/portal/src/main.tsx',
      'packages/client/src/index.ts',
      'packages/api-contract/src/index.ts',
      'pnpm-lock.yaml',
    ]) {
      const before = runs()
      write(file, 'another')
      ensure()
      expect([file, runs()]).toEqual([file, before + 1])
    }
    write('services/portal/src/a.unit.spec.ts', 'a test is no part of them')
    write('services/portal/pictures/out/a.png', 'nor is a picture')
    ensure()
    expect(runs()).toBe(5)
  })

  it('stay as they were when a build fails, which says what to do', () => {
    ensure()
    const before = readFileSync(join(root, 'services/portal/dist/stamp'), 'utf8')
    write('services/portal/src/main.tsx', 'wrong')
    write('outcome', '')
    expect(ensure()).toMatch(/broken here[\s\S]*PORTCULLIS_PORTAL=off/)
    expect(readFileSync(join(root, 'services/portal/dist/stamp'), 'utf8')).toBe(before)
  })

  it('aren’t built where they aren’t wanted', () => {
    expect(ensure({ PORTCULLIS_PORTAL: 'off' })).toBe('')
    expect(runs()).toBe(0)
  })
})
