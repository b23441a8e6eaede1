import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Access, ConnectorError } from '../connector.ts'
import type { ConnectorUnderTest } from './connectorContract.ts'

/** What may become of the account, or of the group, after access was granted. */
const FAULTS = [
  'entry moved',
  'entry renamed',
  'account deleted',
  'name given to another',
  'group deleted',
  'group renamed',
] as const
export type TargetFault = (typeof FAULTS)[number]

/** A target, and how each fault is brought about there; what it leaves out can't happen to it. */
export interface FaultyTarget extends ConnectorUnderTest {
  readonly faults: Readonly<Partial<Record<TargetFault, (access: Access) => Promise<void>>>>
}

/** What every connector must say, and must not say, when a target has changed behind its back (promise 9). */
export const describeFaultRows = (name: string, make: () => Promise<FaultyTarget>): void => {
  describe(`connector contract, targets that change: ${name}`, () => {
    let target: FaultyTarget
    const { signal } = new AbortController()
    beforeEach(async () => {
      target = await make()
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
    /** With the account as the grant told it, or by names alone. */
    const granted = async (access: Access, by: 'account' | 'names'): Promise<Access> => {
      const answer = await target.connector.grant(access, signal)
      if (by === 'names' || answer === undefined || !('account' in answer)) return access
      return { ...access, subject: { ...access.subject, account: answer.account } }
    }
    const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
      call.then(
        () => 'done',
        (error: unknown) => error,
      )

    // By names alone, a newcomer of that name and a group that is elsewhere can't be told from what was there before.
    const needsAccount: readonly TargetFault[] = ['name given to another', 'group renamed']
    const ways = (fault: TargetFault) =>
      needsAccount.includes(fault) ? (['account'] as const) : (['account', 'names'] as const)
    const rows = FAULTS.flatMap((fault) =>
      ways(fault).flatMap((by) => (['alone', 'many'] as const).map((how) => ({ fault, by, how }))),
    )
    it.for(rows)(
      '$fault, known by $by, $how: says no more than it knows',
      async ({ fault, by, how }, context) => {
        const bring = target.faults[fault]
        const { connector } = target
        if (bring === undefined) return context.skip('it can’t happen there')
        if (how === 'many' && connector.many === undefined)
          return context.skip('it takes one alone')
        await connector.grant(at(1), signal)
        const access = await granted(at(0), by)
        await bring(at(0))
        const had = await target.holders()
        const call =
          how === 'alone'
            ? outcomeOf(connector.revoke(access, signal))
            : outcomeOf(
                connector.many
                  ?.revoke([{ access, operationId: 'one' }], signal)
                  .then(([answer]) => {
                    if (answer instanceof ConnectorError) throw answer
                  }) ?? Promise.resolve(),
              )
        const outcome = await call
        const says = await connector
          .readBack(access, signal)
          .then(({ state }) => state)
          .catch((error: unknown) => {
            expect(error).toBeInstanceOf(ConnectorError)
            return 'refused'
          })
        const left = await target.holders()
        if (outcome === 'done') {
          // Nobody is left but those who are to be there.
          expect(left).toEqual(had.filter((id) => id === at(1).subject.id))
          expect(says).not.toBe('present')
        } else {
          expect(outcome).toBeInstanceOf(ConnectorError)
          expect(outcome).toMatchObject({ code: expect.stringMatching(/^[a-z]+\.[a-z-]+$/) })
          // It isn't known, or it stays: in no case is it said to be gone.
          expect(says).not.toBe('absent')
          expect(left).toEqual(had)
        }
      },
    )
  })
}
