import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { blockTags } from './blockTags.ts'
import { samplesOf } from './samples.ts'
import { templateKinds } from './templateFiles.ts'

const page = readFileSync(
  join(import.meta.dirname, '../../../../docs/reference/mail-templates.md'),
  'utf8',
)
/** Of the table of values: first column to the rest of the row. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w-]+)` \|(.*)\|$/gm)].map(([, name = '', rest = '']) => [name, rest]),
)

const isDate = (value: object): boolean => 'iso' in value

/** `subject.name` of a value, down to dates; of a list, what its entries have. */
const pathsOf = (value: unknown, at = ''): readonly string[] => {
  if (Array.isArray(value)) return [at, ...value.flatMap((one) => pathsOf(one))]
  if (typeof value !== 'object' || value === null || isDate(value)) return [at]
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsOf(inner, at === '' ? name : `${at}.${name}`),
  )
}

describe('the page of templates', () => {
  it.each(templateKinds)('tells what %s has', (kind) => {
    for (const sample of samplesOf(kind, 'en')) {
      const { recipient: _r, organisation: _o, apiUrl: _a, ...own } = sample
      for (const [name, value] of Object.entries(own)) {
        const said = rows.get(kind) ?? ''
        expect(said).toContain(`\`${name}`)
        const about = rows.get(name) ?? (name === 'requests' ? rows.get('request') : said) ?? ''
        for (const path of pathsOf(value))
          if (path !== '') expect(`${about} ${said}`).toMatch(new RegExp(`[\`.]${path}\``))
      }
    }
  })

  it('tells every block', () => {
    for (const tag of blockTags) expect(page).toMatch(new RegExp(`\\{% ${tag}[ ]`))
  })
})
