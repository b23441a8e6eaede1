import { randomUUID } from 'node:crypto'
import { createCommandHandler, formatPosition } from '@portcullis/core'
import { type GrantCommand, grantDecider, grantStream } from '@portcullis/domain'
import type { Runtime } from '@portcullis/runtime'

// Access that isn't as it should be, written as a worker would: the world has none.

const ENGINE = { kind: 'system', id: 'provisioning' } as const

export const grantWorld = (runtime: Pick<Runtime, 'store' | 'clock'>) => {
  const handle = createCommandHandler(runtime)
  const to = (roleId: string, subjectId: string) => async (command: GrantCommand) => {
    await handle({
      stream: grantStream(`git.${roleId}.${subjectId}`),
      decider: grantDecider,
      command,
      envelope: { commandId: randomUUID(), actor: ENGINE },
      facts: () => ({ resourceId: 'git', roleId, subjectId }),
    })
  }
  return {
    /** The target doesn't answer. A second failure in a row is refused as too early, and changes nothing. */
    failing: async (subjectId: string, assignmentId: string): Promise<void> => {
      const send = to('member', subjectId)
      await send({ type: 'AddHold', assignmentId })
      await send({
        type: 'ReportUnreachable',
        operationId: randomUUID(),
        code: 'file.locked',
        message: 'somebody holds the file',
        transient: true,
        retryAfterMillis: null,
      })
    },
    /** The assignment ended while the access was being given. */
    overdue: async (subjectId: string, assignmentId: string): Promise<void> => {
      const send = to('editor', subjectId)
      await send({ type: 'AddHold', assignmentId })
      await send({
        type: 'StartOperation',
        operationId: randomUUID(),
        observed: 'absent',
        lookedAt: 0,
        leaseMillis: 60_000,
      })
      await send({ type: 'ReleaseHold', assignmentId, reason: 'assignment-ended' })
    },
    position: async (): Promise<string> => formatPosition(await runtime.store.head()),
  }
}
