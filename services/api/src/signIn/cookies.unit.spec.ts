import { describe, expect, it } from 'vitest'
import { cookieKind, onlyValue, readCookies } from './cookies.ts'

describe('cookies of a request', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['a=1', '1'],
    ['b=2; a=1', '1'],
    [' a = 1 ;b=2', '1'],
    ['a=1=2', '1=2'],
    ['a=', ''],
    ['=1; a', undefined],
    ['xa=1; A=2', undefined],
    ['a=1; a=1', '1'],
  ])('%j: a is %j', (header, value) => {
    expect(onlyValue(readCookies(header), 'a')).toBe(value)
  })

  it('two of a name that differ are none: somebody planted one', () => {
    expect(onlyValue(readCookies('a=ours; a=theirs'), 'a')).toBeUndefined()
    expect(onlyValue(readCookies('a=theirs; b=1; a=ours'), 'a')).toBeUndefined()
  })
})

describe('cookies that are set', () => {
  it('over https are bound to this host, path and scheme', () => {
    const kind = cookieKind(true)
    expect(kind.name('portcullis')).toBe('__Host-portcullis')
    // __Host- asks for Secure, Path=/ and no Domain; a browser drops it otherwise.
    expect(kind.set('portcullis', 'x')).toBe(
      '__Host-portcullis=x; Path=/; HttpOnly; SameSite=Lax; Secure',
    )
    expect(kind.set('portcullis', 'x', 600)).toBe(
      '__Host-portcullis=x; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure',
    )
    expect(kind.remove('portcullis')).toBe(
      '__Host-portcullis=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    )
  })

  it('over http, on loopback, have a plain name', () => {
    expect(cookieKind(false).set('portcullis', 'x')).toBe(
      'portcullis=x; Path=/; HttpOnly; SameSite=Lax',
    )
  })
})
