import type { Answer } from '@portcullis/client'
import type { Command } from 'commander'
import { change } from '../cli/client.ts'
import { changing, group, outputOf } from '../cli/commandKinds.ts'

/** Brakes for a change of roles that is rolled out to everybody who has the package (S5, S6). */
export const addRollOutCommands = (program: Command): void => {
  const rollOut = group(
    program,
    'roll-out',
    "a change of an access package's roles on its way to those who have it; `package roll-out` shows it",
  )
  for (const [verb, method, description] of [
    ['pause', 'pauseRollOut', 'stop it where it is'],
    ['resume', 'resumeRollOut', 'continue it after a pause'],
    ['release', 'releaseRollOut', 'release what was held back'],
    ['cancel', 'cancelRollOut', 'cancel it before it starts'],
  ] as const)
    changing(rollOut, verb, description, `roll-out ${verb} marketing-basics --as alice`)
      .argument('<package>')
      .action((packageId: string, flags) =>
        change(
          flags,
          outputOf(flags),
          (client, options) => client[method]({ packageId }, options),
          (answer) => `Access package ${packageId}: ${rollOutWords(answer)}.`,
        ),
      )
}

const WORDS = {
  held: 'the change is held back from those who have it already, until it is released',
  queued: 'the change is rolled out to everybody who has it',
  started: 'the change is being rolled out to everybody who has it, or has been',
  paused: 'the roll-out is paused; whom it has not reached keeps what they have',
  cancelled: 'the change is cancelled; it has the roles from before',
} as const

/** What the answer to a command says of the roll-out. */
export const rollOutWords = ({ rollOut }: Pick<Answer<'addResourceRole'>, 'rollOut'>): string =>
  rollOut === undefined ? 'no change of roles is being rolled out' : WORDS[rollOut]
