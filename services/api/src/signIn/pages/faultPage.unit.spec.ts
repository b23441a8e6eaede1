import { describe, expect, it } from 'vitest'
import { FAULT_PAGE_POLICY, faultPage, languageOf } from './faultPage.ts'
import { LANGUAGES, TEXTS } from './texts.ts'

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['fr', 'en'],
    ['*', 'en'],
    ['de', 'de'],
    ['de-AT,en;q=0.5', 'de'],
    ['en;q=0.5, AR;q=0.9', 'ar'],
    ['fr, de;q=0.8, en;q=0.9', 'en'],
    ['de;q=0', 'en'],
    ['de;q=2;x', 'de'],
    ['de;q=nonsense', 'en'],
    [`${'x'.repeat(10_000)},de`, 'en'],
  ])('for %j is %s', (header, language) => {
    expect(languageOf(header)).toBe(language)
  })
})

describe('a page', () => {
  const mean = `"><script>alert(1)</script>&'`

  it('holds nothing that came from outside as markup', () => {
    for (const language of LANGUAGES) {
      const html = faultPage({ fault: 'nobody', requestId: mean, returnTo: mean }, language)
      expect(html).not.toContain('<script')
      expect(html).not.toContain("alert(1)</script>&'")
      expect(html).toContain('&quot;&gt;&lt;script&gt;')
    }
  })

  it('says the sentence, the code, the request, and how to go on', () => {
    const html = faultPage({ fault: 'disabled', requestId: 'r-1', returnTo: '/a?b=c' }, 'ar')
    expect(html).toContain('<html lang="ar" dir="rtl">')
    expect(html).toContain(TEXTS.ar.faults.disabled)
    expect(html).toContain('sign-in.disabled')
    expect(html).toContain('r-1')
    expect(html).toContain('href="/auth/sign-in?returnTo=%2Fa%3Fb%3Dc"')
    expect(html).toContain('prompt=select_account')
  })

  it('allows its own style and nothing else', () => {
    expect(FAULT_PAGE_POLICY).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
  })
})
