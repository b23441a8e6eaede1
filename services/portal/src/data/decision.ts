import type { Refused } from '@portcullis/client'

/** Who was first, as the refusal of a later decision tells it (S11). */
export interface FirstDecision {
  readonly decision: 'approved' | 'denied'
  /** A person's id. */
  readonly by: string
  readonly at: string | null
}

/** @returns undefined for any other refusal */
export const firstDecision = ({ code, data }: Refused): FirstDecision | undefined => {
  const { decision, by, at } = data
  if (code !== 'approval.already-decided' || typeof by !== 'string') return undefined
  if (decision !== 'approve' && decision !== 'deny') return undefined
  const found = decision === 'approve' ? 'approved' : 'denied'
  return { decision: found, by, at: typeof at === 'string' ? at : null }
}
