import { addMillis, deriveId, type Instant } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { inTransaction } from '@portcullis/postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type { ViewEvent } from '../projector/projection.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import { commandKeysProjection, KEY_KEPT_MILLIS } from './commandKeys.projector.ts'

const START = '2026-06-01T08:00:00.000Z'
const HOUR = 3_600_000

describe('the view of command keys', () => {
  let under: ViewsUnderTest
  beforeEach(async () => {
    under = await viewsUnderTest()
  })
  afterEach(() => under.db.close())

  /**
   * One command's event each: `a`, or `a/1` for a step of `a`; with what it asked for, or nothing for the engine's own.
   */
  const logOf = (
    ...commands: readonly (readonly [name: string, digest: string | null, at: Instant])[]
  ): readonly ViewEvent[] =>
    commands.map(([name, digest, at], index) => {
      const [outer = '', step] = name.split('/')
      const event: PortcullisEvent = {
        type: 'CatalogRenamed.v1',
        data: { catalogId: 'c', displayName: name, description: '' },
      }
      return {
        ...event,
        id: deriveId('event', index),
        stream: 'catalog-c',
        revision: BigInt(index),
        position: BigInt(index + 1),
        metadata: {
          commandId: deriveId(name),
          ...(step === undefined ? {} : { outerId: deriveId(outer) }),
          ...(digest === null ? {} : { digest: deriveId(digest) }),
          correlationId: 'c',
          actor: { kind: 'user', id: 'alice' },
          at,
        },
      }
    })
  const applied = async (events: readonly ViewEvent[], batch = events.length): Promise<void> => {
    const projector = commandKeysProjection.in(LIVE_SCHEMA)
    for (let from = 0; from < events.length; from += batch)
      await inTransaction(under.db.pool, (tx) =>
        projector.apply(events.slice(from, from + batch), tx),
      )
  }
  const known = async (...names: readonly string[]) => {
    const digests = await Promise.all(
      names.map((name) => under.views.digestOfCommand(deriveId(name))),
    )
    return digests.map((digest) => digest !== undefined)
  }

  it('says what a command asked for, of a step by the whole command’s id, and nothing of the engine’s', async () => {
    await applied(
      logOf(['a', 'x', START], ['b/1', 'y', START], ['b/2', 'y', START], ['e', null, START]),
    )
    expect(await under.views.digestOfCommand(deriveId('a'))).toBe(deriveId('x'))
    expect(await under.views.digestOfCommand(deriveId('b'))).toBe(deriveId('y'))
    expect(await known('b/1', 'e', 'nothing')).toEqual([false, false, false])
  })

  it('keeps it for at least a day, and not for ever', async () => {
    expect(KEY_KEPT_MILLIS).toBeGreaterThanOrEqual(24 * HOUR)
    const later = addMillis(START, KEY_KEPT_MILLIS)
    await applied(logOf(['a', 'x', START], ['b', 'x', later]), 1)
    expect(await known('a', 'b')).toEqual([true, true])
    await applied(logOf(['a', 'x', START], ['b', 'x', later], ['e', null, addMillis(later, 1)]), 1)
    expect(await known('a', 'b')).toEqual([false, true])
  })

  it('forgets nothing that is new while, or after, a clock was weeks ahead; and is the same however the log is read again', async () => {
    const ahead = addMillis(START, 360 * HOUR)
    const log = logOf(
      ['before', 'x', START],
      ['again', 'x', START],
      ['ahead', 'x', ahead],
      ['after', 'x', addMillis(START, HOUR)],
      ['again', 'y', addMillis(START, HOUR)],
      ['last', 'x', addMillis(START, 2 * HOUR)],
    )
    const rows: string[] = []
    for (const batch of [1, 2, 3, 4, 6]) {
      await under.db.pool.query(
        `truncate ${LIVE_SCHEMA}.command_keys_v1; update ${LIVE_SCHEMA}.command_keys_v1_mark set position = 0`,
      )
      await applied(log, batch)
      const { rows: found } = await under.db.pool.query(
        `select * from ${LIVE_SCHEMA}.command_keys order by key`,
      )
      rows.push(JSON.stringify(found))
    }
    expect(new Set(rows).size).toBe(1)
    expect(await known('before', 'again', 'ahead', 'after', 'last')).toEqual([
      false,
      true,
      true,
      true,
      true,
    ])
    expect(await under.views.digestOfCommand(deriveId('again'))).toBe(deriveId('y'))
  })
})
