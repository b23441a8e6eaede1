import { moveTargets } from '@portcullis/runtime'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { command, count, group, outputOf } from '../cli/commandKinds.ts'
import { addMailCommands } from '../mails/mailsCommand.ts'
import { showStream, tailEvents } from './events.ts'
import { move } from './move.ts'
import { listSkipped, resume, skip } from './pauses.ts'
import { projectionStatus, rebuildProjection, verifyProjection } from './projection.ts'

/** A position of the log, as `projection status` shows it. */
const position = (text: string): bigint => {
  if (/^[0-9]{1,20}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('It is not a position of the log.')
}

/** Looking into the log and at what is made from it. */
export const addLogCommands = (program: Command): void => {
  const events = group(program, 'events', 'look into the log')
  command(events, 'tail', 'the last events of the log')
    .option('--after <position>', 'begin after this position')
    .option('--last <count>', 'how many, without --after', count, 20)
    .option('--follow', 'go on as events come, until Ctrl-C', false)
    .option('--type <name...>', 'only these stored names')
    .action((flags) => tailEvents(flags, outputOf(flags)))
  command(events, 'show', 'every event of one stream')
    .argument('<stream>')
    .action((stream: string, flags) => showStream(stream, flags, outputOf(flags)))

  const projection = group(program, 'projection', 'the views made from the log')
  command(
    projection,
    'status',
    'where each one is, and each reactor; which process runs it',
  ).action((flags) => projectionStatus(flags, outputOf(flags)))
  command(projection, 'rebuild', 'fill one anew from the log while the old one serves')
    .argument('<name>')
    .option(
      '--partitions <count>',
      'from then on in so many parts, each by another process; grants and deadlines can be split',
      count,
    )
    .action((name: string, flags) => rebuildProjection(name, flags, outputOf(flags)))
  command(projection, 'verify', 'compare one with a copy filled anew')
    .argument('<name>')
    .action((name: string, flags) => verifyProjection(name, flags, outputOf(flags)))
  command(projection, 'resume', 'let one that is paused, or a reactor, try its event again')
    .argument('<name>')
    .action((name: string, flags) => resume(name, flags, outputOf(flags)))
  command(projection, 'skip', 'let one that is paused, or a reactor, leave its event out')
    .argument('<name>')
    .addOption(
      new Option('--position <position>', 'of the event; it must be paused at exactly that one')
        .argParser(position)
        .makeOptionMandatory(),
    )
    .requiredOption('--why <text>', 'the reason, which is recorded')
    .option('--as <person>', 'the User administrator who orders it (PORTCULLIS_AS)')
    .action((name: string, flags) => skip(name, flags, outputOf(flags)))
  command(projection, 'skipped', 'which events were left out, by whom and why')
    .option('--limit <count>', 'how many at most', count, 100)
    .action((flags) => listSkipped(flags, outputOf(flags)))

  command(program, 'move', 'copy the log into another store, while no engine runs')
    .addOption(
      new Option('--to <store>', 'where to; EVENTSTORE_URL names the one that is not the database')
        .choices(moveTargets)
        .makeOptionMandatory(),
    )
    .option('--switch', 'then let the database follow the copy, and fill its views', false)
    .option('--dry-run', 'only look whether it can be done', false)
    .action((flags) => move(flags, outputOf(flags)))

  addMailCommands(program)
}
