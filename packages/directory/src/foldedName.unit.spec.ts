import { describe, expect, it } from 'vitest'
import { folded, foldedName } from './foldedName.ts'

describe('folded', () => {
  it.each([
    ['Ålice Ångström', 'alice angstrom'],
    ['ΖΩΉ', 'ζωη'],
    ['ＷＩＤＥ', 'wide'],
    ['陈波', '陈波'],
    ['हिन्दी', 'हिन्दी'],
    ['', ''],
  ])('%s is found as %s', (text, expected) => {
    expect(folded(text)).toBe(expected.normalize('NFC'))
    expect(folded(folded(text))).toBe(folded(text))
  })

  it('keeps as much of a name as a cursor can carry, and no half of a character', () => {
    expect(foldedName('😀'.repeat(200))).toBe('😀'.repeat(150))
  })
})
