import { describe, expect, it } from 'vitest'
import { checkDocs } from './checkDocs.ts'
import type { TrackedFile } from './checkTree.ts'

const SPEC = 'services/worker/src/a.e2e.spec.ts'
const OTHER = 'services/worker/src/b.e2e.spec.ts'
const row = (id: number, rest = `proven | [it](../${SPEC}) |`): string => `| S${id} | x | ${rest}\n`
const described = Array.from({ length: 28 }, (_, index) => `describe('S${index + 1} x')`).join()
const table = (rows: readonly string[]): readonly TrackedFile[] => [
  { path: 'docs/acceptance.md', text: rows.join('') },
  { path: SPEC, text: described },
]
const rows = (change: Readonly<Record<number, string>> = {}): readonly string[] =>
  Array.from({ length: 28 }, (_, index) => change[index + 1] ?? row(index + 1))

describe('checkDocs', () => {
  it('accepts a whole table with the tests that it claims', () => {
    expect(checkDocs(table(rows()))).toEqual([])
  })

  it.each([
    ['', 'has no row for S3'],
    [row(3, 'proven | soon |'), 'S3 is proven by no .e2e.spec.ts; link the one that shows it'],
    [row(3) + row(3), 'has several rows for S3'],
    [row(3, 'done | |'), 'S3 is "done"; every row has to be proven by a spec'],
    [row(3, 'not yet | |'), 'S3 is "not yet"; every row has to be proven by a spec'],
  ])('refuses the row %j', (text, problem) => {
    expect(checkDocs(table(rows({ 3: text })))).toEqual([`docs/acceptance.md: ${problem}`])
  })

  it.each([
    [
      "describe('S30 x', () => {})",
      `docs/acceptance.md: none of the specs that S3 links has a describe('S3 …')`,
    ],
    ...['it.skip', 'it.todo', 'describe.only', 'it.skipIf', 'test.fails'].map((word) => [
      `describe('S3 x', () => { ${word}('y') })`,
      `${OTHER}: ${word} leaves out some of what proves S3`,
    ]),
  ])('refuses the spec %j', (text, problem) => {
    const files = [
      ...table(rows({ 3: row(3, `proven | [it](../${OTHER}) |`) })),
      { path: OTHER, text },
    ]
    expect(checkDocs(files)).toEqual([problem])
  })

  describe('a row beyond the document', () => {
    const beyond = (rest: string, text = "describe('anything')") =>
      checkDocs([...table([...rows(), `| A1 | x | ${rest}\n`]), { path: OTHER, text }])

    it('is proven by every spec that it links, whatever they are called', () => {
      expect(beyond(`proven | [it](../${OTHER}), more: [it](../${SPEC}) |`)).toEqual([])
    })

    it.each([
      [
        'proven | soon |',
        'docs/acceptance.md: A1 is proven by no .e2e.spec.ts; link the one that shows it',
      ],
      [
        `soon | [it](../${OTHER}) |`,
        'docs/acceptance.md: A1 is "soon"; every row has to be proven by a spec',
      ],
    ])('is refused as %j', (rest, problem) => {
      expect(beyond(rest)).toEqual([problem])
    })

    it('is refused where one of its specs leaves something out, or is there twice', () => {
      const rest = `proven | [it](../${SPEC}), [it](../${OTHER}) |`
      expect(beyond(rest, "it.skip('y')")).toEqual([
        `${OTHER}: it.skip leaves out some of what proves A1`,
      ])
      expect(beyond(`${rest}\n| A1 | y | ${rest}`)).toEqual([
        'docs/acceptance.md: has several rows for A1',
      ])
    })
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
