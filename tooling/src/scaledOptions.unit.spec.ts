import { describe, expect, it } from 'vitest'
import { scaledOptions } from './scaledOptions.ts'

describe('npm run test:scaled', () => {
  it('runs both sizes, the smaller one first', () => {
    expect(scaledOptions([])).toEqual({ help: false, sizes: ['server', 'cluster'], filters: [] })
    expect(scaledOptions(['--size', 'cluster', '--size', 'server'])).toMatchObject({
      sizes: ['server', 'cluster'],
    })
  })

  it('runs one size, and some files', () => {
    expect(scaledOptions(['--size', 'cluster', 's13', 's14'])).toEqual({
      help: false,
      sizes: ['cluster'],
      filters: ['s13', 's14'],
    })
  })

  it('says what is wrong', () => {
    expect(scaledOptions(['--size', 'huge'])).toBe(
      '--size huge: there is no such size; there are server and cluster.',
    )
    expect(scaledOptions(['--sise', 'server'])).toContain("'--sise'")
  })
})
