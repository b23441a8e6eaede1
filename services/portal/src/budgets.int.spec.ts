import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const DIST = join(import.meta.dirname, '../dist')
/** Kilobytes of gzip, as they go over the wire. */
const ENTRY = 120
const FIRST_SCREEN = 180
const CHUNK = 80
/** What every first screen needs besides what it imports: the messages, and what makes sentences of them. */
const LANGUAGE = ['src/i18n/translate.ts', 'src/i18n/messages/ar.json']

interface Chunk {
  readonly file: string
  readonly isEntry?: boolean
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}
/** Written by the build; the set-up of `npm test` has made it. */
const manifest: Readonly<Record<string, Chunk>> = JSON.parse(
  readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'),
)
const chunks = Object.entries(manifest).filter(([, { file }]) => file.endsWith('.js'))
const sizeOf = (file: string): number => gzipSync(readFileSync(join(DIST, file))).length / 1000

/** The files that are loaded with these chunks, each once. */
const loaded = (names: readonly string[], found = new Set<string>()): ReadonlySet<string> => {
  for (const name of names) {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`${name} is not in the manifest`)
    if (found.has(chunk.file)) continue
    found.add(chunk.file)
    loaded(chunk.imports ?? [], found)
  }
  return found
}
const kilobytes = (names: readonly string[]): number =>
  [...loaded(names)].reduce((sum, file) => sum + sizeOf(file), 0)

const entry = chunks.filter(([, { isEntry }]) => isEntry).map(([name]) => name)

describe('the bundle', () => {
  it(`begins with at most ${ENTRY} kB`, () => {
    expect(entry).toHaveLength(1)
    expect(kilobytes(entry)).toBeLessThanOrEqual(ENTRY)
  })

  it.each([
    'src/screens/home/Home.tsx',
    'src/screens/approvals/Decide.tsx',
    'src/screens/catalog/Catalog.tsx',
    'src/screens/catalog/Package.tsx',
    'src/screens/requests/Request.tsx',
    'src/screens/assignments/Extend.tsx',
  ])(`shows %s with at most ${FIRST_SCREEN} kB in all`, (screen) => {
    const menu = 'src/app/AccountMenu.tsx'
    expect(kilobytes([...entry, ...LANGUAGE, screen])).toBeLessThanOrEqual(FIRST_SCREEN)
    // The menu comes after the first paint.
    expect(loaded([...entry, ...LANGUAGE, screen]).has(manifest[menu]?.file ?? menu)).toBe(false)
  })

  it(`comes in chunks of at most ${CHUNK} kB`, () => {
    const lazy = chunks.filter(([name]) => !entry.includes(name))
    expect(lazy.length).toBeGreaterThan(10)
    expect(lazy.filter(([, { file }]) => sizeOf(file) > CHUNK)).toEqual([])
  })
})
