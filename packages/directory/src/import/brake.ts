import type { Kind } from './kinds.ts'
import { allowedOf, type RemovalLimits } from './limits.ts'
import type { Removal } from './removals.ts'

/** What keeps an import from being written. */
export type Hold =
  | {
      readonly code: 'too-many'
      readonly removal: Removal
      /** That many may go within the window of the limits. */
      readonly allowed: number
      readonly withinMillis: number
    }
  /** The file holds nothing at all, and something goes by it. */
  | { readonly code: 'empty-file'; readonly removal: Removal; readonly file: string }
  /** The last line of the file isn't ended: it may be half of one, and others may be missing after it. */
  | { readonly code: 'cut-off'; readonly removal: Removal; readonly file: string }
  | { readonly code: 'last-administrator' }

/** What is known of a file once it has been read. */
export interface ReadFileFacts {
  readonly kind: Kind
  readonly name: string
  readonly entries: number
  /** False for a CSV file whose last line has no end. */
  readonly ended: boolean
}

export interface Allowed {
  readonly removals: boolean
  readonly noAdministrator: boolean
}

/** A3. @returns what to stop for; nothing when it may be written */
export const holdsOf = (
  removals: readonly Removal[],
  administrators: { readonly before: number; readonly after: number },
  files: readonly ReadFileFacts[],
  limits: RemovalLimits,
  allowed: Allowed,
): readonly Hold[] => {
  const holds: Hold[] = []
  if (!allowed.removals) {
    for (const removal of removals) {
      const from = files.filter(({ kind }) => removal.files.includes(kind))
      const empty = from.find(({ entries, kind }) => entries === 0 && kind !== 'collaboration')
      const open = from.find(({ ended }) => !ended)
      const { count, earlier, of } = removal
      const most = removal.kind === 'largeGroups' ? 0 : allowedOf(of + earlier, limits)
      const { withinMillis } = limits
      if (count + earlier > most)
        holds.push({ code: 'too-many', removal, allowed: most, withinMillis })
      else if (empty !== undefined) holds.push({ code: 'empty-file', removal, file: empty.name })
      else if (open !== undefined) holds.push({ code: 'cut-off', removal, file: open.name })
    }
  }
  if (administrators.before > 0 && administrators.after === 0 && !allowed.noAdministrator)
    holds.push({ code: 'last-administrator' })
  return holds
}

const namesOf = ({ names, count }: Removal): string =>
  `${names.join(', ')}${count > names.length ? `, and ${count - names.length} more` : ''}`

const HOUR = 3_600_000

const earlierText = ({
  removal: { earlier },
  withinMillis,
}: Extract<Hold, { code: 'too-many' }>): string =>
  earlier === 0
    ? ''
    : `, besides ${earlier} that went within ${Number((withinMillis / HOUR).toFixed(1))} hours`

const holdText = (hold: Hold): string => {
  if (hold.code === 'last-administrator')
    return 'nobody enabled would be left who is User administrator: give somebody else the role first, or add --allow-no-administrator'
  const { removal } = hold
  const what = `${removal.count} of ${removal.of} ${removal.what}: ${namesOf(removal)}`
  switch (hold.code) {
    case 'too-many':
      return `${what}${earlierText(hold)} (without being told so, ${removal.earlier > 0 ? 'imports take' : 'an import takes'} away at most ${hold.allowed})`
    case 'empty-file':
      return `${what} (${hold.file} has no entry at all)`
    case 'cut-off':
      return `${what} (${hold.file} doesn't end with the end of a line, so it may have been cut off)`
    default:
      return hold satisfies never
  }
}

/**
 * The files are well-formed, but take away so much that they look like half of what they should be; nothing was
 * written.
 */
export class DirectoryImportHeld extends Error {
  readonly code: 'directory.removals-held' | 'directory.last-administrator'
  readonly holds: readonly Hold[]
  readonly removals: readonly Removal[]
  constructor(holds: readonly Hold[], removals: readonly Removal[]) {
    const many = holds.some(({ code }) => code !== 'last-administrator')
    super(
      [
        'nothing was imported: it would take away more than looks meant',
        ...holds.map(holdText),
        ...(many
          ? [
              'If that is what upstream means, import again with --allow-removals; --dry-run lists everything that goes.',
            ]
          : []),
      ].join('\n'),
    )
    this.name = 'DirectoryImportHeld'
    this.code = many ? 'directory.removals-held' : 'directory.last-administrator'
    this.holds = holds
    this.removals = removals
  }
}
