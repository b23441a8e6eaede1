import { expect, it } from 'vitest'
import { linesOfElements } from './readJson.ts'

it.each([
  ['[]', []],
  ['[ {"a": 1}, {"b": [1, 2]} ]', [1, 1]],
  ['\n[\n  {"a": "x,\\"y]"},\n\n  {\n    "b": {}\n  }, 7\n]\n', [3, 5, 7]],
  ['[\r\n"\\\\",\r\nnull]', [2, 3]],
])('finds the lines of the elements of %j', (text, lines) => {
  JSON.parse(text)
  expect(linesOfElements(text)).toEqual(lines)
})
