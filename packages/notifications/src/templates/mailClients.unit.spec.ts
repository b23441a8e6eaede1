import { doIUseEmail } from '@jsx-email/doiuse-email'
import { HtmlValidate } from 'html-validate'
import { describe, expect, it } from 'vitest'
import { samplesOf } from './samples.ts'
import { templateKinds } from './templateFiles.ts'
import { builtInTemplates } from './templates.ts'

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // Mail programs are not browsers: they want these, and know nothing newer.
    'no-inline-style': 'off',
    'no-deprecated-attr': 'off',
    'presentation-role-style': 'off',
    'prefer-tbody': 'off',
    'doctype-style': 'off',
    // It is the subject.
    'long-title': 'off',
  },
})

/** Those of the caniemail.com data with most readers. */
const emailClients = [
  'gmail.*',
  'outlook.*',
  'apple-mail.*',
  'yahoo.*',
  'aol.*',
  'thunderbird.*',
  'protonmail.*',
  'samsung-email.*',
]
/**
 * Every mail has a body, which webmail makes a div of. Where a role isn't known, a table is read out as one; where a
 * long address isn't broken, the mail is wider than a telephone.
 */
const HARMLESS = /`<body> element`|`role attribute`|`word-break`/

describe.each(templateKinds)('HTML of %s', (kind) => {
  const pages = ['en', 'de'].flatMap((language) =>
    samplesOf(kind, language).map(
      (facts) => builtInTemplates().render(kind, facts, [language]).html,
    ),
  )

  it('is valid', async () => {
    for (const html of pages) {
      const { results } = await validator.validateString(html)
      expect(results.flatMap(({ messages }) => messages)).toEqual([])
    }
  })

  it('uses what mail programs support', () => {
    for (const html of pages) {
      const found = doIUseEmail(html, { emailClients })
      const errors = found.success ? [] : found.errors
      expect(errors.filter((error) => !HARMLESS.test(error))).toEqual([])
    }
  })

  it('is small, loads nothing, and leaves colours to light and dark mode', () => {
    for (const html of pages) {
      expect(Buffer.byteLength(html)).toBeLessThan(102_000 / 4)
      expect(html).not.toMatch(
        /\b(?:src|href|background)=|url\(|@import|<(?:script|link|img|style)/,
      )
      expect(html).not.toMatch(/[^-]color:|background/)
      expect(html).toContain('<meta name="color-scheme" content="light dark">')
    }
  })
})
