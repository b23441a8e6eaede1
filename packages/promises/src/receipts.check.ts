import type { PromiseEvidence } from './evidence.ts'
import { type Findings, placeOf } from './findings.ts'
import type { Logged } from './logEvent.ts'

/** What a grant's receipts are judged by. */
interface Trail {
  readonly started: Logged<'ProvisioningStarted.v2'> | undefined
  /** The operation that somebody has just reported: its end follows by their word. */
  readonly reportedId: string | undefined
}

const NOTHING: Trail = { started: undefined, reportedId: undefined }

/**
 * Promise 9: a receipt says what is known. `read-back` wants a look at the target within the operation: it had begun,
 * the look came after its begin, and nobody's word took its place.
 * Receipts of older versions say nothing of it, and count for nothing.
 */
export const checkReceipts = (
  { events }: Pick<PromiseEvidence, 'events'>,
  findings: Findings,
): void => {
  const trails = new Map<string, Trail>()
  for (const event of events) {
    const trail = trails.get(event.stream) ?? NOTHING
    switch (event.type) {
      case 'ProvisioningStarted.v2':
        trails.set(event.stream, { started: event, reportedId: undefined })
        break
      case 'FulfilmentReported.v1':
        trails.set(event.stream, { ...trail, reportedId: event.data.operationId })
        break
      case 'AccessProvisioned.v2':
      case 'AccessRevoked.v3':
        judge(event, trail, findings)
        trails.set(event.stream, NOTHING)
        break
    }
  }
}

const judge = (
  event: Logged<'AccessProvisioned.v2' | 'AccessRevoked.v3'>,
  { started, reportedId }: Trail,
  findings: Findings,
): void => {
  const { operationId, receipt } = event.data
  if (receipt === null || receipt.kind === 'looked-up') return
  findings.looked()
  if (receipt.kind !== 'read-back') return
  const says = `${event.stream} says that the target was read back (${placeOf(event)})`
  if (reportedId === operationId)
    findings.broke(`${says}, but it was somebody's word that ended it`)
  else if (started?.data.operationId !== operationId)
    findings.broke(`${says}, but no such operation was under way`)
  // A clock that was set back in between tells no order.
  else if (started.metadata.at <= event.metadata.at && receipt.at < started.metadata.at)
    findings.broke(`${says}, but that was before the operation began`)
}
