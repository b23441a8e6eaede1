import { describe, expect, it } from 'vitest'
import { catalogSearch, listSearch, packageSearch } from './search.ts'

describe('what an address says after its question mark', () => {
  it('is what is known, and nothing else', () => {
    expect(catalogSearch({ tab: 'active', q: 'git', x: 1 })).toEqual({ tab: 'active', q: 'git' })
    expect(catalogSearch({ tab: '__proto__', q: ['a'] })).toEqual({})
    expect(catalogSearch({ q: 2026 })).toEqual({ q: '2026' })
    expect(listSearch({ tab: 'closed', ids: 'a.b.r1,c.d.r2' })).toEqual({
      tab: 'closed',
      ids: 'a.b.r1,c.d.r2',
    })
    expect(packageSearch({ policy: 'x'.repeat(1000) }).policy).toHaveLength(200)
  })
})
