import { describe, expect, it } from 'vitest'
import { wavesOf } from './waves.ts'

const waves = (streams: string) =>
  wavesOf([...streams].map((stream) => ({ stream }))).map((wave) =>
    wave.map(({ stream }) => stream).join(''),
  )

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
})
