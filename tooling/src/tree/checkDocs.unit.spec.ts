import { describe, expect, it } from 'vitest'
import { checkDocs } from './checkDocs.ts'
import type { TrackedFile } from './checkTree.ts'

const SPEC = 'services/worker/src/a.e2e.spec.ts'
const OTHER = 'services/worker/src/b.e2e.spec.ts'
const RULE = 'packages/domain/src/rule.ts'
const decided = `[rule](../${RULE})`
const row = (id: number, rest = `proven | ${decided} | [it](../${SPEC}) |`): string =>
  `| S${id} | x | ${rest}\n`
const ids = Array.from({ length: 28 }, (_, index) => `S${index + 1}`)
const described = Array.from({ length: 28 }, (_, index) => `describe('S${index + 1} x')`).join()
const table = (rows: readonly string[]): readonly TrackedFile[] => [
  { path: 'docs/acceptance.md', text: rows.join('') },
  { path: SPEC, text: described },
  { path: RULE, text: `// ${ids.join(', ')}` },
]
const rows = (change: Readonly<Record<number, string>> = {}): readonly string[] =>
  Array.from({ length: 28 }, (_, index) => change[index + 1] ?? row(index + 1))

describe('checkDocs', () => {
  it('accepts a whole table with the tests that it claims', () => {
    expect(checkDocs(table(rows()))).toEqual([])
  })

  it.each([
    ['', 'has no row for S3'],
    [
      row(3, `proven | ${decided} | soon |`),
      'S3 is proven by no .e2e.spec.ts; link the one that shows it',
    ],
    [row(3) + row(3), 'has several rows for S3'],
    [row(3, 'done | | |'), 'S3 is "done"; every row has to be proven by a spec'],
    [row(3, 'not yet | | |'), 'S3 is "not yet"; every row has to be proven by a spec'],
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
      ...table(rows({ 3: row(3, `proven | ${decided} | [it](../${OTHER}) |`) })),
      { path: OTHER, text },
    ]
    expect(checkDocs(files)).toEqual([problem])
  })

  describe('what decides a row', () => {
    const decidedBy = (cell: string, ...more: readonly TrackedFile[]) =>
      checkDocs([...table(rows({ 3: row(3, `proven | ${cell} | [it](../${SPEC}) |`) })), ...more])

    it.each([
      ['', 'S3 names no file that decides it; link it, and let its docstring bear the id'],
      [`[it](../${SPEC})`, `S3 is decided by a test's file, ${SPEC}`],
      [
        '[mute](../packages/domain/src/mute.ts)',
        "S3 is decided by packages/domain/src/mute.ts, which doesn't bear the id; name it where the rule is decided",
      ],
    ])('is refused as %j', (cell, problem) => {
      // XS3 isn't S3.
      const mute = { path: 'packages/domain/src/mute.ts', text: '// S1, S28, XS3' }
      expect(decidedBy(cell, mute)).toEqual([`docs/acceptance.md: ${problem}`])
    })

    it('is refused where there is no such file', () => {
      expect(decidedBy('[gone](../packages/domain/src/gone.ts)')).toEqual([
        'docs/acceptance.md: the link ../packages/domain/src/gone.ts leads nowhere',
        "docs/acceptance.md: S3 is decided by packages/domain/src/gone.ts, which isn't there",
      ])
    })

    it('has every id that such a file bears, in whichever row', () => {
      const more = { path: 'packages/domain/src/more.ts', text: '/** S3, S31, A9. */' }
      expect(decidedBy(`${decided}, [more](../${more.path})`, more)).toEqual([
        `${more.path}: bears S31, which has no row in the acceptance table`,
        `${more.path}: bears A9, which has no row in the acceptance table`,
      ])
    })
  })

  describe('a row beyond the document', () => {
    const beyond = (rest: string, text = "describe('anything')") =>
      checkDocs([
        ...table([...rows(), `| A1 | x | ${rest}\n`]).filter(({ path }) => path !== RULE),
        { path: RULE, text: `// ${ids.join(', ')}, A1` },
        { path: OTHER, text },
      ])

    it('is proven by every spec that it links, whatever they are called', () => {
      expect(beyond(`proven | ${decided} | [it](../${OTHER}), more: [it](../${SPEC}) |`)).toEqual(
        [],
      )
    })

    it.each([
      [
        `proven | ${decided} | soon |`,
        'docs/acceptance.md: A1 is proven by no .e2e.spec.ts; link the one that shows it',
      ],
      [
        `soon | ${decided} | [it](../${OTHER}) |`,
        'docs/acceptance.md: A1 is "soon"; every row has to be proven by a spec',
      ],
    ])('is refused as %j', (rest, problem) => {
      expect(beyond(rest)).toEqual([problem])
    })

    it('is refused where one of its specs leaves something out, or is there twice', () => {
      const rest = `proven | ${decided} | [it](../${SPEC}), [it](../${OTHER}) |`
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
