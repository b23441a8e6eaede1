import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
      .array(
        fc.constantFrom(
          "'",
          '=',
          '+',
          '-',
          '@',
          '＝',
          '"',
          ',',
          ';',
          '|',
          '\n',
          '\r',
          '\t',
          ' ',
          'a',
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      )
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

  it('reads what was written when few texts were quoted and only what begins with a formula was guarded', async () => {
    const path = join(folder, 'memberships.csv')
    const since = '2026-03-01T09:00:00.000Z'
    await writeFile(
      path,
      `resource,role,subject,since\r\nwiki,"a, b",'=alice,${since}\r\nx;y,'-r,''=bob,${since}\r\n`,
    )
    expect(await readMemberships(path)).toEqual([
      { resource: 'wiki', role: 'a, b', subject: '=alice', since },
      { resource: 'x;y', role: '-r', subject: "'=bob", since },
    ])
  })

  it('writes no cell that a spreadsheet would run', async () => {
    const path = join(folder, 'memberships.csv')
    await fc.assert(
      fc.asyncProperty(text, async (resource) => {
        await writeMemberships(path, [
          { resource, role: 'r', subject: 's', since: '2026-03-01T09:00:00.000Z' },
        ])
        const cell = (await readFile(path, 'utf8')).slice('resource,role,subject,since\r\n'.length)
        expect(cell).not.toMatch(/(?:^|[;|\t\r\n])"*\s*[=+\-@＝＋－＠]/)
      }),
      { numRuns: 60 },
    )
  })
})
