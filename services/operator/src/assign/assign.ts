import { randomUUID } from 'node:crypto'
import { type Answer, type Input, Unreachable } from '@portcullis/client'
import { deriveId } from '@portcullis/core'
import { EXIT } from '@portcullis/runtime'
import { type ChangeFlags, change, connect } from '../cli/client.ts'
import { lasting } from '../cli/list.ts'
import { CommandFailed, type Output } from '../cli/output.ts'

type Terms = Omit<Input<'assignDirectly'>, 'subjectId'>
type Result = Answer<'assignMany'>['results'][number]

/** People in one call: enough that calls don't count, few enough that progress shows. */
const TOGETHER = 500

/** Assigns a package to one person. */
export const assignOne = (
  terms: Terms,
  subjectId: string,
  flags: ChangeFlags,
  output: Output,
): Promise<void> =>
  change(
    flags,
    output,
    (client, options) => client.assignDirectly({ ...terms, subjectId }, options),
    ({ assignmentId, status, endAt }) =>
      `Assignment ${assignmentId} is ${status}, ${lasting(endAt)}.`,
  )

/**
 * Assigns a package to many, each accepted or refused separately (S18). Sent again under the same command id it goes on
 * where it stopped.
 * @throws CommandFailed (1) when somebody was refused, (3) when nothing answers any more
 */
export const assignMany = async (
  { packageId, policyId, startAt, endAt, justification }: Terms,
  subjectIds: readonly string[],
  flags: ChangeFlags,
  output: Output,
): Promise<void> => {
  const client = await connect(flags)
  const commandId = flags.commandId ?? randomUUID()
  const results: Result[] = []
  let position = '0'
  for (let at = 0; at < subjectIds.length; at += TOGETHER) {
    const some = subjectIds.slice(at, at + TOGETHER)
    const answer = await client
      .assignMany(
        { packageId, policyId, startAt, endAt, justification, subjectIds: some },
        { commandId: deriveId('assign', commandId, at / TOGETHER) },
      )
      .catch((error: unknown) => {
        throw error instanceof Unreachable ? cutOff(error, commandId, at) : error
      })
    results.push(...answer.results)
    position = answer.position
    if (subjectIds.length > TOGETHER)
      output.note(`${results.length} of ${subjectIds.length} people …`)
  }
  await client.waitFor(position).catch(() => output.note('Done, but the views are behind.'))
  const refused = results.filter(({ ok }) => !ok).length
  const accepted = results.length - refused
  await output.print(results.map(resultLine).join('\n'), { commandId, accepted, refused, results })
  if (refused > 0)
    throw new CommandFailed(
      `${refused} of ${results.length} ${refused === 1 ? 'was' : 'were'} refused; the others are assigned`,
    )
}

const resultLine = (result: Result): string =>
  result.ok
    ? `${result.subjectId}: ${result.assignmentId} is ${result.status}, ${lasting(result.endAt)}`
    : `${result.subjectId}: refused, ${result.message} (${result.code})`

const cutOff = (error: Unreachable, commandId: string, done: number): CommandFailed =>
  new CommandFailed(
    `nothing answers at ${error.url} any more; ${done} people are done. To go on where it stopped, repeat with --command-id ${commandId}`,
    EXIT.unreachable,
    { commandId, done },
  )
