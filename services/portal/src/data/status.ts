import type { Item } from '@portcullis/client'
import type { Tone } from '../components/Chip.tsx'
import type { IconName } from '../components/Icon.tsx'
import type { MessageKey } from '../i18n/messages.ts'

type RequestStatus = Item<'listRequests'>['status']
type RequestSubStatus = Item<'listRequests'>['subStatus']
type AssignmentStatus = Item<'listAssignments'>['status']

interface Look {
  readonly tone: Tone
  readonly icon?: IconName
  readonly word: MessageKey
}

/** Still on its way to a decision, a start or a delivery. */
export const OPEN_REQUESTS: readonly RequestStatus[] = [
  'PendingApproval',
  'Scheduled',
  'Delivering',
]
export const CLOSED_REQUESTS: readonly RequestStatus[] = [
  'Fulfilled',
  'Unfulfilled',
  'Denied',
  'Cancelled',
]
export const PRESENT_ASSIGNMENTS: readonly AssignmentStatus[] = [
  'Scheduled',
  'Delivering',
  'Delivered',
  'PartiallyDelivered',
]
export const ENDED_ASSIGNMENTS: readonly AssignmentStatus[] = ['Expired', 'Removed', 'Cancelled']

const REQUESTS: Readonly<Record<RequestStatus, Look>> = {
  PendingApproval: { tone: 'wait', word: 'request.status.PendingApproval' },
  Scheduled: { tone: 'accent', icon: 'calendar', word: 'request.status.Scheduled' },
  Delivering: { tone: 'accent', icon: 'truck', word: 'request.status.Delivering' },
  Fulfilled: { tone: 'good', word: 'request.status.Fulfilled' },
  Unfulfilled: { tone: 'bad', word: 'request.status.Unfulfilled' },
  Denied: { tone: 'bad', icon: 'cross', word: 'request.status.Denied' },
  Cancelled: { tone: 'quiet', word: 'request.status.Cancelled' },
}

export const lookOfRequest = (status: RequestStatus, subStatus: RequestSubStatus): Look => {
  if (subStatus === 'TimedOut')
    return { tone: 'quiet', icon: 'clock', word: 'request.status.TimedOut' }
  if (subStatus === 'PartiallyFulfilled')
    return { tone: 'wait', icon: 'alert', word: 'request.status.PartiallyFulfilled' }
  if (subStatus === 'Extended') return { tone: 'good', word: 'request.status.Extended' }
  return REQUESTS[status]
}

const ASSIGNMENTS: Readonly<Record<AssignmentStatus, Look>> = {
  Scheduled: { tone: 'accent', icon: 'calendar', word: 'assignment.status.Scheduled' },
  Delivering: { tone: 'accent', icon: 'truck', word: 'assignment.status.Delivering' },
  Delivered: { tone: 'good', word: 'assignment.status.Delivered' },
  PartiallyDelivered: { tone: 'wait', icon: 'alert', word: 'assignment.status.PartiallyDelivered' },
  Expired: { tone: 'quiet', icon: 'clock', word: 'assignment.status.Expired' },
  Removed: { tone: 'quiet', word: 'assignment.status.Removed' },
  Cancelled: { tone: 'quiet', word: 'assignment.status.Cancelled' },
}

export const lookOfAssignment = (status: AssignmentStatus): Look => ASSIGNMENTS[status]
