import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Access, ConnectorError, type ManyAtOnce } from '../connector.ts'
import type { ConnectorUnderTest } from './connectorContract.ts'
import { statesOf } from './statesOf.ts'

/** Those of the answers that are none. */
const failures = (answers: readonly unknown[]): readonly unknown[] =>
  answers.filter((answer) => answer instanceof ConnectorError)

/** What every connector must do that takes many at once, besides `describeConnectorContract`. */
export const describeManyContract = (
  name: string,
  make: () => Promise<ConnectorUnderTest>,
): void => {
  describe(`connector contract, many at once: ${name}`, () => {
    let target: ConnectorUnderTest
    let many: ManyAtOnce
    const { signal } = new AbortController()
    beforeEach(async () => {
      target = await make()
      if (target.connector.many === undefined) throw new Error(`${name} doesn't take many at once`)
      many = target.connector.many
    })
    afterEach(async () => {
      await target.connector.close()
      await target.close()
    })

    const at = (index: number): Access => {
      const access = target.accesses[index]
      if (access === undefined) throw new Error(`the target under test has no access ${index}`)
      return access
    }
    const some = (...indexes: readonly number[]): readonly Access[] => indexes.map(at)
    const operations = (accesses: readonly Access[]) =>
      accesses.map((access, index) => ({ access, operationId: `operation-${index}` }))
    const idsOf = (accesses: readonly Access[]) => accesses.map(({ subject }) => subject.id).sort()
    const says = async (accesses: readonly Access[]) =>
      statesOf(await many.readBack(accesses, signal))
    const holders = async () => [...(await target.holders())].sort()

    it('grants, reads back in the order of what was asked, and revokes', async () => {
      const { accesses } = target
      expect(await says(accesses)).toEqual(accesses.map(() => 'absent'))
      expect(failures(await many.grant(operations(some(4, 1, 6)), signal))).toEqual([])
      expect(await holders()).toEqual(idsOf(some(4, 1, 6)))
      expect(await says(some(0, 1, 2, 6, 4, 3))).toEqual([
        'absent',
        'present',
        'absent',
        'present',
        'present',
        'absent',
      ])
      expect(await many.revoke(operations(some(6, 4)), signal)).toEqual([undefined, undefined])
      expect(await holders()).toEqual(idsOf(some(1)))
    })

    it('takes for done what is there and what is gone, among others and alone', async () => {
      await target.connector.grant(at(0), signal)
      for (const _ of ['once', 'twice'])
        expect(failures(await many.grant(operations(some(0, 1, 2)), signal))).toEqual([])
      expect(await holders()).toEqual(idsOf(some(0, 1, 2)))
      await target.connector.revoke(at(1), signal)
      for (const _ of ['once', 'twice'])
        expect(failures(await many.revoke(operations(some(0, 1, 2)), signal))).toEqual([])
      expect(await holders()).toEqual([])
    })

    it('takes the same access several times in one call for one', async () => {
      expect(await many.grant(operations(some(0, 1, 0, 0)), signal)).toHaveLength(4)
      expect(await holders()).toEqual(idsOf(some(0, 1)))
      expect(await says(some(0, 2, 0))).toEqual(['present', 'absent', 'present'])
      expect(await many.revoke(operations(some(0, 0)), signal)).toEqual([undefined, undefined])
      expect(await holders()).toEqual(idsOf(some(1)))
    })

    it('takes nobody at all', async () => {
      expect(await many.readBack([], signal)).toEqual([])
      expect(await many.grant([], signal)).toEqual([])
      expect(await many.revoke([], signal)).toEqual([])
    })

    it('keeps roles apart in one call', async () => {
      const { otherRole } = target
      await many.grant(operations([at(1), otherRole, at(0)]), signal)
      expect(await holders()).toEqual(idsOf(some(0, 1)))
      expect(await many.revoke(operations(some(0)), signal)).toEqual([undefined])
      expect(await says([at(0), otherRole])).toEqual(['absent', 'present'])
    })

    it('answers for each alone when one fails', async () => {
      const { stranger } = target
      // A target that takes anybody has nobody to refuse.
      if (stranger === undefined) return
      const [first, second, third] = await many.grant(
        operations([...some(0), stranger, ...some(1)]),
        signal,
      )
      expect(failures([first, third])).toEqual([])
      expect(second).toBeInstanceOf(ConnectorError)
      expect(second).toMatchObject({ transient: false })
      expect(await holders()).toEqual(idsOf(some(0, 1)))
      const [ofStranger, ofFirst] = await says([stranger, ...some(0)])
      // Whom the target doesn't find may be there under another name.
      expect(['absent', 'unknown']).toContain(ofStranger)
      expect(ofFirst).toBe('present')
      const revoked = await many.revoke(operations([stranger, ...some(0)]), signal)
      expect(revoked).toHaveLength(2)
      expect(revoked[1]).toBeUndefined()
      expect(await holders()).toEqual(idsOf(some(1)))
    })

    it('calls more than its most a mistake, and does nothing', async () => {
      const tooMany = Array.from({ length: many.most + 1 }, () => at(0))
      await expect(many.readBack(tooMany, signal)).rejects.toThrow(RangeError)
      await expect(many.grant(operations(tooMany), signal)).rejects.toThrow(RangeError)
      await expect(many.revoke(operations(tooMany), signal)).rejects.toThrow(RangeError)
      expect(await holders()).toEqual([])
    })

    it('loses nobody when two connectors change the same role side by side', async () => {
      const second = target.second()
      const [even, odd] = [some(0, 2, 4, 6), some(1, 3, 5, 7)]
      await Promise.all([
        many.grant(operations(even), signal),
        second.many?.grant(operations(odd), signal),
      ])
      expect(await holders()).toEqual(idsOf([...even, ...odd]))
      await Promise.all([
        many.revoke(operations(even), signal),
        second.many?.revoke(operations(odd), signal),
      ])
      expect(await holders()).toEqual([])
      await second.close()
    })

    it('does nothing for a caller that has given up', async () => {
      const given = AbortSignal.abort(new Error('shutting down'))
      await expect(many.grant(operations(some(0, 1)), given)).rejects.toThrow('shutting down')
      await expect(many.revoke(operations(some(0, 1)), given)).rejects.toThrow('shutting down')
      await expect(many.readBack(some(0, 1), given)).rejects.toThrow('shutting down')
      expect(await holders()).toEqual([])
    })

    it.each([
      ['for a while', true],
      ['until corrected', false],
    ] as const)('throws when it fails %s, and works once repaired', async (kind, transient) => {
      await many.grant(operations(some(0, 1)), signal)
      await target.break(kind)
      const failures = await Promise.all(
        [
          many.grant(operations(some(2, 3)), signal),
          many.revoke(operations(some(0, 1)), signal),
          many.readBack(some(0, 2), signal),
        ].map((call) => call.then(String, (error: unknown) => error)),
      )
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(ConnectorError)
        expect(failure).toMatchObject({ transient })
      }
      await target.repair()
      await many.grant(operations(some(2, 3)), signal)
      await many.revoke(operations(some(0, 1)), signal)
      expect(await holders()).toEqual(idsOf(some(2, 3)))
    })
  })
}
