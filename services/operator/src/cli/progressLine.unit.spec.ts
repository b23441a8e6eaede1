import { expect, it } from 'vitest'
import { inWords, progressLine, progressLines } from './progressLine.ts'

it('says what is done and left, how fast, and how long still', () => {
  expect(progressLine('copying', 37_500, 300_000, 4_800)).toBe(
    'copying: 37,500 of 300,000 (12 %), 262,500 left, 4,800 a second, about 55 s to go',
  )
  expect(progressLine('copying', 0, 10, 0)).toBe('copying: 0 of 10 (0 %), 10 left')
  expect(progressLine('copying', 10, 10, 5)).toBe('copying: 10 of 10 (100 %), 0 left, 5 a second')
  expect(progressLine('copying', 0, 0, 0)).toBe('copying: 0 of 0 (100 %), 0 left')
})

it('gives longer times in minutes and hours', () => {
  expect([inWords(119), inWords(600), inWords(7_200)]).toEqual(['119 s', '10 min', '2 h'])
})

it('tells the beginning and the end of a phase, and every ten seconds between; its rate is that of the phase', () => {
  const notes: string[] = []
  let now = 0
  const output = { json: true, print: async () => {}, note: (text: string) => notes.push(text) }
  const lines = progressLines(output, () => now)
  lines.tell('copying', 100, 400)
  now = 9_999
  lines.tell('copying', 200, 400)
  now = 10_000
  lines.tell('copying', 300, 400)
  lines.tell('copying', 400, 400)
  lines.tell('verifying', 0, 400)
  lines.end()
  expect(notes).toEqual([
    'copying: 100 of 400 (25 %), 300 left',
    'copying: 300 of 400 (75 %), 100 left, 20 a second, about 5 s to go',
    'copying: 400 of 400 (100 %), 0 left, 30 a second',
    'verifying: 0 of 400 (0 %), 400 left',
  ])
})
