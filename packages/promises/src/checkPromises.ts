import { checkDecisions } from './decisions.check.ts'
import type { PromiseEvidence, PromiseNumber, PromiseResult } from './evidence.ts'
import { createFindings, type Findings } from './findings.ts'
import { indexLog, type LogIndex } from './logIndex.ts'
import { checkCommands, checkLog } from './logOrder.check.ts'
import { checkOutliving } from './outliving.check.ts'
import { checkOwnWrites, checkReplay } from './probes.check.ts'
import { checkReceipts } from './receipts.check.ts'
import { checkRevocation } from './revocation.check.ts'
import { checkTimers } from './timers.check.ts'

/** What is looked at for each promise, in their order. */
const CHECKS: readonly {
  readonly number: PromiseNumber
  readonly promise: string
  readonly look: (evidence: PromiseEvidence, index: LogIndex, findings: Findings) => void
}[] = [
  { number: 1, promise: 'The log is the truth', look: checkLog },
  { number: 2, promise: 'Nothing outlives its end', look: checkOutliving },
  { number: 3, promise: 'Nobody gets what no decision gave', look: checkDecisions },
  {
    number: 4,
    promise: 'A resource role is revoked exactly when the last assignment that confers it goes',
    look: checkRevocation,
  },
  { number: 5, promise: 'Every timer fires once', look: checkTimers },
  { number: 6, promise: 'Same command id, same answer', look: checkCommands },
  {
    number: 7,
    promise: 'Read your own writes',
    look: (evidence, _, findings) => checkOwnWrites(evidence, findings),
  },
  {
    number: 8,
    promise: 'Replaying touches nobody',
    look: (evidence, _, findings) => checkReplay(evidence, findings),
  },
  {
    number: 9,
    promise: 'A receipt says what is known',
    look: (evidence, _, findings) => checkReceipts(evidence, findings),
  },
]

/** The promises by their numbers, in order. */
export const PROMISES: readonly Pick<PromiseResult, 'number' | 'promise'>[] = CHECKS

/**
 * The same as {@link checkPromises} with an index of the evidence's events that the caller has made.
 * @returns one result for each promise, in their order
 */
export const judgeLog = (evidence: PromiseEvidence, index: LogIndex): readonly PromiseResult[] =>
  CHECKS.map(({ number, promise, look }) => {
    const findings = createFindings()
    look(evidence, index, findings)
    return { number, promise, ...findings.result() }
  })

/**
 * Does what a run left behind keep the promises (docs/explanation/promises.md)? Pure: it reads the evidence and nothing
 * else.
 * What is still under way counts as broken where a promise is about the end (2 and 4): let the run settle first.
 * @returns one result for each promise, in their order
 */
export const checkPromises = (evidence: PromiseEvidence): readonly PromiseResult[] =>
  judgeLog(evidence, indexLog(evidence.events))
