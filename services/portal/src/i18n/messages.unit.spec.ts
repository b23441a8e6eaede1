import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import ar from './messages/ar.json' with { type: 'json' }
import de from './messages/de.json' with { type: 'json' }
import en from './messages/en.json' with { type: 'json' }
import { createTranslate } from './translate.ts'

const SOURCES = join(import.meta.dirname, '..')
const DOMAIN = join(SOURCES, '../../../packages/domain/src')

/** The texts of all sources below a folder, specs left out. */
const textsBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.(?:spec|fixture)\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))

/** The names of what a pattern is given. */
const given = (pattern: string): readonly string[] =>
  [...new Set([...pattern.matchAll(/\{(\w+)\s*[,}]/g)].map(([, name]) => name ?? ''))]
    // What a plural or a select answers, in braces of its own, is a word or more.
    .filter((name) => pattern.includes(`{${name}}`) || pattern.includes(`{${name},`))
    .sort()

describe.each([
  ['de', de],
  ['ar', ar],
])('the messages in %s', (_language, messages) => {
  it('are those of English, each of the same values, in the same order', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(en))
    for (const [key, pattern] of Object.entries(en))
      expect([key, given(new Map(Object.entries(messages)).get(key) ?? '')]).toEqual([
        key,
        given(pattern),
      ])
  })

  it('are not English that somebody forgot', () => {
    const alike = Object.entries(messages)
      .filter(([key, text]) => new Map(Object.entries(en)).get(key) === text)
      .map(([key]) => key)
    expect(alike).toEqual(['event.engine', 'event.other'])
  })
})

describe.each([
  ['en', en],
  ['de', de],
  ['ar', ar],
])('a message in %s', (language, messages) => {
  it('can be made of every pattern, for any number', () => {
    const t = createTranslate(messages, language, language === 'ar')
    for (const key of Object.keys(messages))
      for (const count of [0, 1, 2, 3, 11, 100]) {
        const values = Object.fromEntries(
          given(messages[key as keyof typeof messages]).map((name) => [name, count]),
        )
        const text = t.find(key, {
          ...values,
          kind: 'other',
          actor: 'Bob',
          person: 'Carol',
          name: 'Staff',
        })
        expect(text, key).toMatch(/\S/)
        expect(text, key).not.toMatch(/[{}]|undefined/)
      }
  })

  it('keeps a name in another script apart from its sentence, right to left only', () => {
    const t = createTranslate(messages, language, language === 'ar')
    const text = t('settled.denied', { person: 'Bob Li' })
    expect(text.includes('\u2068Bob Li\u2069')).toBe(language === 'ar')
    expect(text).toContain('Bob Li')
  })
})

describe('there is a message', () => {
  it('for every name that the sources use', () => {
    const used = textsBelow(SOURCES).flatMap((text) =>
      [...text.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map(([, key]) => key ?? ''),
    )
    expect(used.length).toBeGreaterThan(100)
    expect(used.filter((key) => !Object.hasOwn(en, key))).toEqual([])
  })

  it('for every event of an entitlement', () => {
    const events = readFileSync(join(DOMAIN, 'entitlement/entitlement.events.ts'), 'utf8')
    const names = [...events.matchAll(/'([A-Z]\w+)\.v\d+': z\./g)].map(([, name]) => name ?? '')
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter((name) => !Object.hasOwn(en, `event.${name}`))).toEqual([])
  })

  it('for every refusal of what requestors and approvers do', () => {
    const codes = textsBelow(join(DOMAIN, 'entitlement')).flatMap((text) =>
      [...text.matchAll(/'((?:approval|assignment|extension|request|subject)\.[a-z-]+)'/g)].map(
        ([, code]) => code ?? '',
      ),
    )
    expect(codes.length).toBeGreaterThan(25)
    const missing = [...new Set(codes)].filter((code) => !Object.hasOwn(en, `refusal.${code}`))
    expect(missing).toEqual([])
  })
})
