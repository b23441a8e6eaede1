import { describe, expect, it } from 'vitest'
import { nightlyOptions } from './nightlyOptions.ts'

describe('options of the nightly run', () => {
  it('has a hundred thousand runs, and a seed of the moment', () => {
    expect(nightlyOptions([], 42)).toEqual({
      help: false,
      properties: false,
      runs: 100_000,
      chunk: 5_000,
      processes: 1,
      minutes: undefined,
      seed: 42,
      path: undefined,
      only: undefined,
    })
  })
  it('leaves the long tests out when told to', () => {
    expect(nightlyOptions(['--properties'], 42)).toMatchObject({
      properties: true,
      only: undefined,
    })
  })

  it('takes what is given', () => {
    const words = '--runs 7 --chunk 3 --processes 2 --minutes 10 --seed 5 --only grant'
    expect(nightlyOptions(words.split(' '), 42)).toEqual({
      help: false,
      properties: true,
      runs: 7,
      chunk: 3,
      processes: 2,
      minutes: 10,
      seed: 5,
      path: undefined,
      only: 'grant',
    })
  })
  it('plays one round when it is given a path, which is of one seed', () => {
    expect(nightlyOptions('--runs 7 --seed 5 --path 1:2'.split(' '), 42)).toMatchObject({
      runs: 1,
      seed: 5,
      path: '1:2',
    })
  })
  it.each([
    [['--runs', 'many'], '--runs must be a whole number from 1 on, not many.'],
    [['--chunk', '0'], '--chunk must be a whole number from 1 on, not 0.'],
    [['--path', '1:2'], '--path goes with the --seed of the same run; give both.'],
  ])('says what is wrong: %j', (words, sentence) => {
    expect(nightlyOptions(words, 42)).toBe(sentence)
  })
})
