import { describe, expect, it } from 'vitest'
import { found } from './search.ts'

const of = (id: string, displayName: string, description: string, resourceName: string) => ({
  id,
  displayName,
  description,
  roles: [{ resourceId: 'r', roleId: 'm', resourceName, roleName: 'Member' }],
  policies: [],
  state: null,
})
const ALL = [
  of('web', 'Web team', 'Source code and wiki', 'Git'),
  of('zoll', 'Zollanmeldung', 'Für Überseefracht', 'ATLAS'),
]
const ids = (text: string) => found(ALL, text).map(({ id }) => id)

describe('search', () => {
  it.each([
    ['', ['web', 'zoll']],
    ['  ', ['web', 'zoll']],
    ['WIKI', ['web']],
    ['git team', ['web']],
    ['team git', ['web']],
    ['git zoll', []],
    ['ubersee', ['zoll']],
    ['Überseefracht', ['zoll']],
    ['atlas', ['zoll']],
    ['member', ['web', 'zoll']],
    ['.*', []],
  ])('for "%s" finds %j', (text, expected) => {
    expect(ids(text)).toEqual(expected)
  })
})
