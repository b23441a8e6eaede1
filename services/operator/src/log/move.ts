import { DatabaseInUse } from '@portcullis/postgres'
import { EXIT, type MoveProgress, type MoveTarget, openMove } from '@portcullis/runtime'
import { configFrom, noteLog } from '../cli/context.ts'
import { CommandFailed, type Output } from '../cli/output.ts'
import { inWords, progressLines } from '../cli/progressLine.ts'

interface Flags {
  readonly data?: string
  readonly to: MoveTarget
  readonly dryRun: boolean
  readonly switch: boolean
}

const PHASES: Readonly<Record<MoveProgress['phase'], string>> = {
  compare: 'comparing what is there',
  copy: 'copying',
  verify: 'verifying',
}

const NEXT: Readonly<Record<MoveTarget, string>> = {
  eventstoredb: 'start the engine with EVENTSTORE_URL set as it is now',
  postgresql: 'start the engine without EVENTSTORE_URL',
}

/** Copies the log into the other store, verifies it, and with `--switch` lets the database follow it. */
export const move = async (flags: Flags, output: Output): Promise<void> => {
  const { to, dryRun } = flags
  if (dryRun && flags.switch)
    throw new CommandFailed('--dry-run writes nothing: leave --switch out', EXIT.usage)
  const begun = performance.now()
  const log = await openMove(configFrom(flags), to, noteLog(output)).catch((error: unknown) => {
    if (error instanceof DatabaseInUse)
      throw new CommandFailed(error.message, EXIT.failed, { code: error.code })
    throw error
  })
  const progress = progressLines(output)
  try {
    const from = log.source.name
    let total = 0
    const { found, copied, verified } = await log.copy({
      dryRun,
      onProgress: (told) => {
        total = told.total
        progress.tell(PHASES[told.phase], told.done, told.total)
      },
    })
    progress.end()
    const value = {
      from,
      to: log.target.name,
      found,
      copied,
      events: verified?.events ?? null,
      digest: verified?.digest ?? null,
    }
    if (verified === undefined) {
      await output.print(
        `${log.target.name} holds ${found} of the events of ${from}, as they should be; the rest would be copied. Nothing was written.`,
        { ...value, total, dryRun: true },
      )
      return
    }
    if (flags.switch)
      await log.follow(({ name, events }) => output.note(`filling ${name}: ${events} events`))
    const seconds = Math.round((performance.now() - begun) / 1000)
    await output.print(
      [
        `${verified.events} events are in ${log.target.name} as they are in ${from}: ${copied} copied, ${found} were there, ${inWords(seconds)}.`,
        `SHA-256 of both logs: ${verified.digest}`,
        flags.switch
          ? `The database follows the new log, and its views are filled. Now ${NEXT[to]}.`
          : `The engine still works on ${from}. To change over: the same command with --switch.`,
      ].join('\n'),
      { ...value, switched: flags.switch, seconds },
    )
  } finally {
    progress.end()
    await log.close()
  }
}
