import { checkDecisions } from './decisions.check.ts'
import type { PromiseEvidence, PromiseNumber, PromiseResult } from './evidence.ts'
import { createFindings, type Findings } from './findings.ts'
import { indexLog } from './logIndex.ts'
import { checkCommands, checkLog } from './logOrder.check.ts'
import { checkOutliving } from './outliving.check.ts'
import { checkOwnWrites, checkReplay } from './probes.check.ts'
import { checkRevocation } from './revocation.check.ts'
import { checkTimers } from './timers.check.ts'

/**
 * Does what a run left behind keep the eight promises of the design (§1)? Pure: it reads the evidence and nothing else.
 * What is still under way counts as broken where a promise is about the end (2 and 4): let the run settle first.
 * @returns one result for each promise, in their order
 */
export const checkPromises = (evidence: PromiseEvidence): readonly PromiseResult[] => {
  const index = indexLog(evidence.events)
  const check = (
    number: PromiseNumber,
    promise: string,
    look: (findings: Findings) => void,
  ): PromiseResult => {
    const findings = createFindings()
    look(findings)
    return { number, promise, ...findings.result() }
  }
  return [
    check(1, 'The log is the truth', (findings) => checkLog(evidence, index, findings)),
    check(2, 'Nothing outlives its end', (findings) => checkOutliving(evidence, index, findings)),
    check(3, 'Nobody gets what no decision gave', (findings) =>
      checkDecisions(evidence, index, findings),
    ),
    check(
      4,
      'A resource role is revoked exactly when the last assignment that confers it goes',
      (findings) => checkRevocation(evidence, index, findings),
    ),
    check(5, 'Every timer fires once', (findings) => checkTimers(evidence, index, findings)),
    check(6, 'Same command id, same answer', (findings) =>
      checkCommands(evidence, index, findings),
    ),
    check(7, 'Read your own writes', (findings) => checkOwnWrites(evidence, findings)),
    check(8, 'Replaying touches nobody', (findings) => checkReplay(evidence, findings)),
  ]
}
