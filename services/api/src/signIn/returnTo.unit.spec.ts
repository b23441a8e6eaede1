import { describe, expect, it } from 'vitest'
import { returnAddress } from './returnTo.ts'

const BASE = 'https://access.example'

describe('where a sign-in leads', () => {
  it.each([
    ['/', '/'],
    ['/requests/web-team.carol.r1', '/requests/web-team.carol.r1'],
    ['/approvals?ids=a&ids=b#last', '/approvals?ids=a&ids=b#last'],
    ['/packages?search=%2F%2Fevil.example', '/packages?search=%2F%2Fevil.example'],
    ['/packages?next=https://evil.example', '/packages?next=https://evil.example'],
    ['/a/../b', '/b'],
    ['/pâté', '/p%C3%A2t%C3%A9'],
    ['/authority', '/authority'],
    ['/@evil.example', '/@evil.example'],
  ])('%j: there', (asked, there) => {
    expect(returnAddress(asked, BASE)).toBe(`${BASE}${there}`)
  })

  it.each([
    'https://evil.example',
    'http://access.example/',
    'https://access.example/',
    'HTTPS://evil.example',
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/\\evil.example',
    '/\\/evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    '/a\\..\\evil',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/\u0000/evil.example',
    '/\u2028/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'evil.example',
    '@evil.example',
    ':80/',
    'javascript:alert(1)',
    'data:text/html,x',
    '',
    `/${'a'.repeat(2048)}`,
    `/${'é'.repeat(1000)}`,
    '/auth/sign-in',
    '/auth/sign-in?returnTo=/auth/sign-in',
    '/auth',
    '/AUTH/callback',
    '/a/../auth/sign-out',
    '/%61uth/sign-in',
    undefined,
    ['/a', '/b'],
    { toString: () => '/a' },
  ])('%j: to the first page', (asked) => {
    expect(returnAddress(asked, BASE)).toBe(`${BASE}/`)
  })
})
