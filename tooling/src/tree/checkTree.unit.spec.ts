import { describe, expect, it } from 'vitest'
import { checkTree } from './checkTree.ts'

describe('checkTree', () => {
  it('accepts 300 lines, and more only where it is not source', () => {
    const files = [
      { path: 'a.ts', text: 'x\n'.repeat(300) },
      { path: 'a.md', text: 'x\n'.repeat(301) },
    ]
    expect(checkTree(files)).toEqual([])
  })

  it('refuses 301 lines', () => {
    expect(checkTree([{ path: 'a.ts', text: 'x\n'.repeat(301) }])).toEqual([
      'a.ts: 301 lines; at most 300: split it by subject',
    ])
  })

  it.each(['// ', '/** ', ' * '])(
    'refuses a comment that is longer than 120 characters: %s',
    (start) => {
      const fits = `${start}${'a b '.repeat(40)}`.slice(0, 120)
      expect(checkTree([{ path: 'a.ts', text: `${fits}\n` }])).toEqual([])
      expect(checkTree([{ path: 'a.ts', text: `\n${fits}x\n` }])).toEqual([
        'a.ts:2: a comment of 121 characters; at most 120: wrap it',
      ])
      expect(checkTree([{ path: 'a.md', text: `${fits}x\n` }])).toEqual([])
    },
  )

  it('accepts what is longer and no comment, or an address', () => {
    const text = `const a = '${'a b '.repeat(40)}'\n// https://example.org/${'a'.repeat(120)}\n`
    expect(checkTree([{ path: 'a.ts', text }])).toEqual([])
  })

  // Put together, so that this file doesn't hold what it looks for.
  it.each([
    `${'https:/'}/registry.example.org/x`,
    `cd ${'/ro'}ot/x`,
    `"${'/ho'}me/ann/x"`,
    `${'/Us'}ers/ann`,
  ])('refuses %s', (text) => {
    const [problem] = checkTree([{ path: 'a.md', text: `\n${text}` }])
    expect(problem).toContain('a.md:2: names a registry host or a folder of one machine')
  })

  it.each(['https://example.org/home/ann', 'src/work/x', '/v1/requests', '~/root/x'])(
    'accepts %s',
    (text) => {
      expect(checkTree([{ path: 'a.md', text }])).toEqual([])
    },
  )
})
