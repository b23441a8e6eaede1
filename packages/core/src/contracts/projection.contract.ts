import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DomainEvent, RecordedEvent } from '../events.ts'
import type { Projector } from '../projections.ts'

/** A projector over a database of its own, and how to look at what it made. */
export interface ProjectionUnderTest<Tx, E extends DomainEvent> {
  /** A new instance, as another process would have it: it shares the tables, not the memory. */
  projector(): Projector<Tx, E>
  /** Commits what `work` did; rolls back and throws when it throws. */
  inTransaction(work: (tx: Tx) => Promise<void>): Promise<void>
  /** Every row of the projection's tables, in an order that depends on nothing but the rows. */
  rows(): Promise<unknown>
  /** Names of the tables that are there now. */
  tables(): Promise<readonly string[]>
  close(): Promise<void>
}

/**
 * What every projection promises: once, twice, in any batches, after a roll-back, in another process: always the same
 * rows; rebuilt equals live.
 * @param events a log that touches everything the projection handles, in `$all` order, and some that it doesn't
 */
export const describeProjectionContract = <Tx, E extends DomainEvent>(
  name: string,
  events: readonly RecordedEvent<E>[],
  make: () => Promise<ProjectionUnderTest<Tx, E>>,
): void => {
  describe(`projection contract: ${name}`, () => {
    let subject: ProjectionUnderTest<Tx, E>
    beforeEach(async () => {
      subject = await make()
    })
    afterEach(() => subject.close())

    const start = async (): Promise<Projector<Tx, E>> => {
      const projector = subject.projector()
      await subject.inTransaction((tx) => projector.migrate(tx))
      return projector
    }
    const apply = (projector: Projector<Tx, E>, batch: readonly RecordedEvent<E>[]) =>
      subject.inTransaction((tx) => projector.apply(batch, tx))
    const applyIn = async (projector: Projector<Tx, E>, size: number): Promise<void> => {
      for (let from = 0; from < events.length; from += size) {
        await apply(projector, events.slice(from, from + size))
      }
    }
    const restart = async (projector: Projector<Tx, E>): Promise<Projector<Tx, E>> => {
      await subject.inTransaction((tx) => projector.drop(tx))
      return start()
    }
    /** The rows when everything comes in one batch. */
    const expected = async (): Promise<unknown> => {
      const projector = await start()
      await apply(projector, events)
      const rows = await subject.rows()
      await subject.inTransaction((tx) => projector.drop(tx))
      return rows
    }

    it('handles what the log holds', () => {
      const types = new Set<string>(events.map((event) => event.type))
      expect(subject.projector().handles.filter((type) => !types.has(type))).toEqual([])
    })

    it('makes rows', async () => {
      const projector = await start()
      const empty = await subject.rows()
      await apply(projector, events)
      expect(await subject.rows()).not.toEqual(empty)
    })

    it.each([1, 2, 3, 7, 50])('makes the same rows in batches of %i', async (size) => {
      const rows = await expected()
      await applyIn(await start(), size)
      expect(await subject.rows()).toEqual(rows)
    })

    it('passes over events that it has applied', async () => {
      const rows = await expected()
      const projector = await start()
      await apply(projector, events)
      await apply(projector, events)
      await applyIn(projector, 3)
      expect(await subject.rows()).toEqual(rows)
    })

    it('takes a batch of old and new events', async () => {
      const rows = await expected()
      const projector = await start()
      const middle = Math.floor(events.length / 2)
      await apply(projector, events.slice(0, middle))
      await apply(projector, events.slice(Math.floor(middle / 2)))
      expect(await subject.rows()).toEqual(rows)
    })

    it('keeps nothing of a transaction that is rolled back', async () => {
      const rows = await expected()
      const projector = await start()
      for (let from = 0; from < events.length; from += 5) {
        const failing = subject.inTransaction(async (tx) => {
          await projector.apply(events.slice(from, from + 7), tx)
          throw new Error('rolled back')
        })
        await expect(failing).rejects.toThrow('rolled back')
        await apply(projector, events.slice(from, from + 5))
      }
      expect(await subject.rows()).toEqual(rows)
    })

    it('goes on in another process where one stopped', async () => {
      const rows = await expected()
      const projectors = [await start(), await start()]
      for (const [index, event] of events.entries()) {
        const projector = projectors[Math.floor(index / 4) % 2]
        if (projector !== undefined) await apply(projector, [event])
      }
      expect(await subject.rows()).toEqual(rows)
    })

    it('is the same after it was thrown away and filled again', async () => {
      const projector = await start()
      await applyIn(projector, 4)
      const live = await subject.rows()
      await applyIn(await restart(projector), 50)
      expect(await subject.rows()).toEqual(live)
    })

    it('drops its tables and nothing else', async () => {
      const before = await subject.tables()
      const projector = await start()
      expect((await subject.tables()).length).toBeGreaterThan(before.length)
      await subject.inTransaction((tx) => projector.migrate(tx))
      await subject.inTransaction((tx) => projector.drop(tx))
      expect(await subject.tables()).toEqual(before)
    })
  })
}
