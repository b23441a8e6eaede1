import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { configDefaults } from './config.ts'
import { SECRETS } from './secretFiles.ts'

const PAGE = fileURLToPath(new URL('../../../docs/reference/configuration.md', import.meta.url))

it('the reference page has each variable once, with what counts without it', () => {
  const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm)]
  const told = Object.fromEntries(rows.map(([, name, otherwise]) => [name, otherwise]))
  expect(rows.map(([, name]) => name).sort()).toEqual(Object.keys(configDefaults).sort())
  const fixed = Object.entries(configDefaults).filter(([, value]) => value !== undefined)
  for (const [name, value] of fixed) expect([name, told[name]]).toEqual([name, `\`${value}\``])
})

it('the reference page names every secret that may be in a file', () => {
  const [, told = ''] = /^Instead of ([^:]*)a file/m.exec(readFileSync(PAGE, 'utf8')) ?? []
  expect([...told.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name)).toEqual([...SECRETS])
})
