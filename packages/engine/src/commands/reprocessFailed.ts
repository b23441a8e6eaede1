import { type Position, refuse, START } from '@portcullis/core'
import {
  DEFAULT_CATALOG_ID,
  grantDecider,
  grantSettled,
  grantStream,
  parseGrantId,
  unlessPermitted,
} from '@portcullis/domain'
import { actorFactsOf } from '../facts/states.ts'
import type { CommandAnswer } from './commandAnswer.ts'
import { sideBySide } from './sideBySide.ts'
import { type CommandTools, envelopeOfStep, type Outside, refused } from './tools.ts'

/**
 * An administrator has tried again what failed, of one package or of all, at any age (S21): so many at a time, by the
 * ids of the grants.
 */
export type ReprocessFailedCommand =
  | ({ readonly type: 'ReprocessPackage'; readonly packageId: string } & Page)
  | ({ readonly type: 'ReprocessEverything' } & Page)

interface Page {
  /** Goes on behind this grant: `next` of the answer before. */
  readonly after: string | null
  /** Most grants, 1 to 1,000. */
  readonly limit: number
}

/** Commands under way at the same time. */
const WIDTH = 16

/**
 * Asks the grants that failed to try again now, whatever they wait for: access that can't be given, and access that
 * can't be taken back, also after the end.
 * Which ones failed is what the view says; each is looked at in the log before it is asked. Sent again under the same
 * id it asks nobody twice.
 */
export const executeReprocessFailed = async (
  tools: CommandTools,
  command: ReprocessFailedCommand,
  outside: Outside,
): Promise<CommandAnswer> => {
  const packageId = command.type === 'ReprocessPackage' ? command.packageId : undefined
  const accessPackage = packageId === undefined ? undefined : await tools.states.package(packageId)
  const catalogId = accessPackage?.catalogId ?? DEFAULT_CATALOG_ID
  const actor = await actorFactsOf(tools, outside.caller, catalogId)
  const refusal = unlessPermitted(command.type, outside.caller.actor, actor)
  if (refusal !== undefined) return refusal
  const reused = await outside.admit()
  if (reused !== undefined) return refused(reused)
  if (packageId !== undefined && accessPackage?.packageId === null)
    return refuse(
      'not-found',
      'package.not-found',
      `There is no access package with the id ${packageId}; check the id.`,
    )
  const { after, limit } = command
  const { ids, left } = await tools.views.failedGrants({ packageId, after, limit })
  const asked = await sideBySide(ids, WIDTH, (id) => askAgain(tools, id, outside))
  let last: Position = START
  for (const { position } of asked) if (position > last) last = position
  return {
    ok: true,
    commandId: outside.commandId,
    position: last,
    repeated: asked.some(({ repeated }) => repeated),
    result: {
      ...(packageId === undefined ? {} : { packageId }),
      retriedRoles: asked.filter(({ isAsked }) => isAsked).length,
      left,
      next: left > 0 ? (ids.at(-1) ?? null) : null,
    },
  }
}

interface Asked {
  readonly isAsked: boolean
  readonly position: Position
  readonly repeated: boolean
}
const NOT_ASKED: Asked = { isAsked: false, position: START, repeated: false }

const askAgain = async (
  { handle, states }: CommandTools,
  id: string,
  outside: Outside,
): Promise<Asked> => {
  const named = parseGrantId(id)
  // The view is a moment behind: what has come right meanwhile is left alone.
  if (named === undefined || grantSettled(await states.grant(id))) return NOT_ASKED
  const outcome = await handle({
    stream: grantStream(id),
    decider: grantDecider,
    command: { type: 'RetryNow' },
    envelope: envelopeOfStep(outside, 'retry', id),
    facts: () => named,
  })
  if (!outcome.ok || outcome.events.length === 0) return NOT_ASKED
  return { isAsked: true, position: outcome.position, repeated: outcome.repeated }
}
