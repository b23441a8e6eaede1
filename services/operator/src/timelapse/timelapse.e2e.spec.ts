import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { environment, linesOf, type Ran, runCommand } from '../testing/commandLine.ts'

const summarySchema = z.object({
  events: z.number(),
  mails: z.number(),
  connectorCalls: z.number(),
  promises: z.array(
    z.object({
      number: z.number(),
      holds: z.boolean(),
      checked: z.number(),
      broken: z.array(z.string()),
    }),
  ),
})

describe('a quarter of the sample organisation under a virtual clock', () => {
  let ran: Ran
  let summary: z.infer<typeof summarySchema>

  beforeAll(async () => {
    ran = await runCommand(['timelapse', '--json'], environment({}))
    summary = summarySchema.parse(linesOf(ran.stdout).at(-1))
  }, 600_000)

  it('plays to its end', () => {
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(linesOf(ran.stdout)).toHaveLength(1)
    expect(summary.events).toBeGreaterThan(400)
    expect(summary.mails).toBeGreaterThan(50)
    expect(summary.connectorCalls).toBeGreaterThan(100)
  })

  it('keeps all nine promises, and looked at something for each', () => {
    expect(
      summary.promises.map(({ number, holds, broken }) => ({ number, holds, broken })),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({ number, holds: true, broken: [] })))
    expect(summary.promises.filter(({ checked }) => checked === 0)).toEqual([])
  })
})
