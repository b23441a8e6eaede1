import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMemberships, writeMemberships } from './membershipFile.ts'

describe('membership file', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-file-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const text = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc
      .array(fc.constantFrom("'", '=', '+', '-', '@', '＝', '"', ',', '\n', '\r', '\t', ' ', 'a'), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join('')),
  )
  const line = fc.record({
    resource: text,
    role: text,
    subject: text,
    since: fc.constant('2026-03-01T09:00:00.000Z'),
  })

  it.each(['csv', 'json'])('reads from .%s what was written, whatever it holds', async (format) => {
    const path = join(folder, `memberships.${format}`)
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
        await writeMemberships(path, lines)
        expect(await readMemberships(path)).toEqual(lines)
      }),
      { numRuns: 60 },
    )
  })

  it('writes no cell that a spreadsheet would run', async () => {
    const path = join(folder, 'memberships.csv')
    await fc.assert(
      fc.asyncProperty(text, async (resource) => {
        await writeMemberships(path, [
          { resource, role: 'r', subject: 's', since: '2026-03-01T09:00:00.000Z' },
        ])
        const cell = (await readFile(path, 'utf8')).slice('resource,role,subject,since\r\n'.length)
        expect(cell).not.toMatch(/^"?\s*[=+\-@＝＋－＠]/)
      }),
      { numRuns: 60 },
    )
  })
})
