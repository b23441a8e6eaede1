import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from '@portcullis/client'
import { type ClientFlags, connect } from '../cli/client.ts'
import { facts } from '../cli/list.ts'
import { createOutput } from '../cli/output.ts'
import { inWords } from '../cli/progressLine.ts'

type RollOut = Answer<'getRollOut'>

const INTERVAL_MILLIS = 1000
const ERASED = '\r\u001b[2K'

/** Will it make more progress? */
const goesOn = ({ state, left }: Pick<RollOut, 'state' | 'left'>): boolean =>
  state === 'queued' || (state === 'running' && left > 0)

/**
 * Prints how far a change of roles has got; with `watch` again and again, until it makes no more progress: on a
 * terminal one line that changes, else a line whenever something has.
 */
export const showRollOut = async (
  flags: ClientFlags & { readonly json: boolean; readonly watch?: boolean },
  packageId: string,
): Promise<void> => {
  const client = await connect(flags)
  const output = createOutput(flags.json)
  if (flags.watch !== true) {
    const found = await client.getRollOut({ packageId })
    return output.print(rollOutText(found), found)
  }
  const isLive = process.stdout.isTTY && !flags.json
  let last = ''
  for (;;) {
    const found = await client.getRollOut({ packageId })
    const line = rollOutLine(found)
    if (isLive) process.stdout.write(`${ERASED}${line.slice(0, process.stdout.columns - 1)}`)
    else if (line !== last) await output.print(line, found)
    last = line
    if (!goesOn(found)) break
    await pause(INTERVAL_MILLIS)
  }
  if (isLive) process.stdout.write('\n')
}

const number = (count: number): string => count.toLocaleString('en-US')

/** `running: 37,500 of 300,000 (12 %), 3 failed, 262,497 left, 950 a second, about 5 min to go`. */
export const rollOutLine = ({ state, ...found }: RollOut): string => {
  const share = found.total === 0 ? 100 : Math.floor((100 * found.upToDate) / found.total)
  return [
    `${state}: ${number(found.upToDate)} of ${number(found.total)} (${share} %)`,
    ...(found.failed === 0 ? [] : [`${number(found.failed)} failed`]),
    ...(found.left === 0 ? [] : [`${number(found.left)} left`]),
    ...(found.perSecond === null ? [] : [`${number(found.perSecond)} a second`]),
    ...(found.secondsLeft === null ? [] : [`about ${inWords(found.secondsLeft)} to go`]),
  ].join(', ')
}

const STATES = {
  none: 'no change since it was created',
  held: 'held back, until it is released',
  queued: 'about to start',
  running: 'going out',
  paused: 'paused, until it is resumed',
  done: 'done',
} as const

const inList = (changes: RollOut['changes']): readonly string[] =>
  changes.map(
    ({ change, resourceId, roleId }) => `${change === 'added' ? '+' : '-'} ${resourceId}/${roleId}`,
  )

const rollOutText = (found: RollOut): string =>
  facts({
    'Roll-out': STATES[found.state],
    Since: found.since,
    Change: inList(found.changes),
    ...(found.waiting.length === 0 ? {} : { 'Behind it': inList(found.waiting) }),
    'Active assignments': found.total,
    'Up to date': found.upToDate,
    Failed: found.failed,
    Left: found.left,
    ...(found.perSecond === null ? {} : { 'A second': found.perSecond }),
    ...(found.secondsLeft === null ? {} : { 'To go': `about ${inWords(found.secondsLeft)}` }),
    'Last change': found.changedAt,
    'Done since': found.doneAt,
  })
