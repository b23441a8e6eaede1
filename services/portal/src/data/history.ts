import type { Answer } from '@portcullis/client'
import type { Tone } from '../components/Chip.tsx'
import type { IconName } from '../components/Icon.tsx'
import type { Translate } from '../i18n/translate.ts'

export type HistoryEntry = Answer<'getRequest'>['history'][number]

export interface Told {
  readonly icon: IconName
  readonly tone: Tone
  readonly sentence: string
  /** Somebody's own words, never part of the sentence. */
  readonly words?: string | undefined
}

const LOOKS: Readonly<Record<string, readonly [IconName, Tone]>> = {
  RequestSubmitted: ['send', 'accent'],
  RequestAutoApproved: ['check', 'good'],
  ApprovalGranted: ['check', 'good'],
  ApprovalDenied: ['cross', 'bad'],
  ApprovalTimedOut: ['clock', 'quiet'],
  RequestCancelled: ['cross', 'quiet'],
  AssignmentScheduled: ['calendar', 'accent'],
  AssignmentStarted: ['truck', 'accent'],
  RolesDelivered: ['key', 'good'],
  DeliveryFailed: ['alert', 'wait'],
  AssignmentExtended: ['calendar', 'good'],
  ExtensionReminderDue: ['send', 'quiet'],
  ExtensionReminderSkipped: ['minus', 'quiet'],
  ApproverMissing: ['alert', 'wait'],
  ApproverFound: ['person', 'good'],
  SubjectLeft: ['person', 'quiet'],
  SubjectReturned: ['person', 'good'],
  StartWithheld: ['alert', 'wait'],
  RolesWithheld: ['alert', 'wait'],
  AssignmentEnded: ['clock', 'quiet'],
  RolesRevoked: ['minus', 'quiet'],
}

/**
 * What happened, as a sentence of the reader's language, from the event's name and data and not from the server's text.
 * @param actor their name
 */
export const tell = (entry: HistoryEntry, actor: string, t: Translate): Told => {
  const name = entry.type.split('.')[0] ?? entry.type
  const [icon, tone] = LOOKS[name] ?? ['info', 'quiet']
  // The reason of a cancelled request is somebody's words; that of an ended assignment is one of ours.
  const cancelled = name === 'RequestCancelled'
  const kind =
    textOf(entry.data, 'kind') ?? (cancelled ? undefined : textOf(entry.data, 'reason')) ?? 'other'
  return {
    icon,
    tone,
    sentence:
      t.find(`event.${name}`, { actor, kind: kind.toLowerCase().replaceAll(/[^a-z]/g, '') }) ??
      t('event.other', { name }),
    words: textOf(entry.data, cancelled ? 'reason' : 'justification'),
  }
}

const textOf = (data: unknown, field: string): string | undefined => {
  if (typeof data !== 'object' || data === null) return undefined
  const value: unknown = Reflect.get(data, field)
  return typeof value === 'string' && value !== '' ? value : undefined
}
