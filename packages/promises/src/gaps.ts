import { grantId } from '@portcullis/domain'
import { createConferral } from './conferral.ts'
import { type Findings, placeOf } from './findings.ts'
import type { LogEvent, Logged } from './logEvent.ts'

/** A revoke that began although somebody's assignment conferred the role. */
interface Doubted {
  readonly operationId: string
  readonly begun: LogEvent
  readonly conferring: readonly string[]
}

/**
 * Promise 4, judged by assignments: was access taken away while one conferred it, though it may not have held it yet?
 * Follows a log event by event and keeps only what is under way.
 * A revoke is told when it was carried out, that is, when the log says so or the next look finds the access gone; one
 * that was called off in time did no harm.
 * An assignment that started after the revoke had begun, or was over when it ended, couldn't be known of.
 */
export interface GapWatch {
  /** @param event the next of the whole log */
  see(event: LogEvent): void
}

export const watchGaps = (findings: Pick<Findings, 'looked' | 'broke'>): GapWatch => {
  const conferral = createConferral()
  const doubted = new Map<string, Doubted>()

  const conferring = ({ data, metadata }: Logged<'ProvisioningStarted.v2' | 'AccessRevoked.v3'>) =>
    conferral.on(`${data.resourceId}.${data.roleId}`, data.subjectId, metadata.at)
  /** The access is gone: whose was it, from the beginning of the revoke until now? */
  const gone = (
    event: Logged<'ProvisioningStarted.v2' | 'AccessRevoked.v3'>,
    { begun, conferring: atFirst }: Pick<Doubted, 'begun' | 'conferring'>,
  ): void => {
    const now = conferring(event)
    const deprived = atFirst.filter((assignmentId) => now.includes(assignmentId))
    if (deprived.length === 0) return
    findings.broke(
      `${idOf(event)} was taken away (${placeOf(begun)}) while ${deprived.join(', ')} conferred it`,
    )
  }

  return {
    see: (event) => {
      conferral.see(event)
      switch (event.type) {
        case 'ProvisioningStarted.v2': {
          const id = idOf(event)
          const { operation, operationId, observed } = event.data
          const before = doubted.get(id)
          if (before !== undefined && observed === 'absent') gone(event, before)
          doubted.delete(id)
          if (operation !== 'revoke') return
          findings.looked()
          // It was gone already, and not by this.
          if (observed === 'absent') return
          const atFirst = conferring(event)
          if (atFirst.length > 0)
            doubted.set(id, { operationId, begun: event, conferring: atFirst })
          return
        }
        case 'AccessRevoked.v3': {
          const id = idOf(event)
          const before = doubted.get(id)
          doubted.delete(id)
          if (before?.operationId === event.data.operationId) gone(event, before)
          return
        }
        case 'AccessProvisioned.v2':
        case 'PreexistingAccessFound.v3':
          doubted.delete(idOf(event))
          return
        default:
      }
    },
  }
}

const idOf = ({
  data: { resourceId, roleId, subjectId },
}: {
  readonly data: {
    readonly resourceId: string
    readonly roleId: string
    readonly subjectId: string
  }
}): string => grantId(resourceId, roleId, subjectId)
