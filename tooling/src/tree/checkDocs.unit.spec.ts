import { describe, expect, it } from 'vitest'
import { checkDocs } from './checkDocs.ts'
import type { TrackedFile } from './checkTree.ts'

const SPEC = 'services/worker/src/a.e2e.spec.ts'
const row = (id: number, rest = 'not yet | |'): string => `| S${id} | x | ${rest}\n`
const table = (rows: readonly string[]): readonly TrackedFile[] => [
  { path: 'docs/acceptance.md', text: rows.join('') },
  { path: SPEC, text: '' },
]
const rows = (change: Readonly<Record<number, string>> = {}): readonly string[] =>
  Array.from({ length: 28 }, (_, index) => change[index + 1] ?? row(index + 1))

describe('checkDocs', () => {
  it('accepts a whole table with the tests that it claims', () => {
    const proven = row(3, `proven | [it](../${SPEC}) |`)
    expect(checkDocs(table(rows({ 3: proven })))).toEqual([])
  })

  it.each([
    ['', 'has no row for S3'],
    [row(3) + row(3), 'has several rows for S3'],
    [row(3, 'done | |'), 'S3 is "done", which is none of proven, partly, not yet'],
    [row(3, 'partly | soon |'), 'S3 is "partly" without a link to the .e2e.spec.ts that shows it'],
  ])('refuses the row %j', (text, problem) => {
    expect(checkDocs(table(rows({ 3: text })))).toEqual([`docs/acceptance.md: ${problem}`])
  })

  it('misses the table', () => {
    expect(checkDocs([])).toEqual(['docs/acceptance.md: is missing'])
  })

  it('follows relative links to files and folders, not those to elsewhere', () => {
    const text = '[a](../README.md#x) [b](adr) [c](adr/) [d](https://example.org/x) [e](#here)'
    const files = [
      ...table(rows()),
      { path: 'docs/a.md', text },
      { path: 'README.md', text: '' },
      { path: 'docs/adr/x.md', text: '' },
    ]
    expect(checkDocs(files)).toEqual([])
  })

  it('names a link that leads nowhere', () => {
    const files = [...table(rows()), { path: 'docs/a.md', text: 'see [b](../b.md#x)' }]
    expect(checkDocs(files)).toEqual(['docs/a.md: the link ../b.md leads nowhere'])
  })
})
