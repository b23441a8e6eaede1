import { describe, expect, it } from 'vitest'
import { wavesOf } from './waves.ts'

const waves = (streams: string, most = 100) =>
  wavesOf(
    [...streams].map((stream) => ({ stream })),
    most,
  ).map((wave) => wave.map(({ stream }) => stream).join(''))

describe('wavesOf', () => {
  it.each([
    ['', []],
    ['abc', ['abc']],
    ['aaa', ['a', 'a', 'a']],
    ['abacb', ['ab', 'acb']],
    ['abcbad', ['abc', 'bad']],
  ])('cuts %j where a stream comes again', (streams, expected) => {
    expect(waves(streams)).toEqual(expected)
    expect(waves(streams).join('')).toBe(streams)
  })

  it('cuts where a wave is full', () => {
    expect(waves('abcdefg', 3)).toEqual(['abc', 'def', 'g'])
    expect(waves('abacbde', 3)).toEqual(['ab', 'acb', 'de'])
  })
})
