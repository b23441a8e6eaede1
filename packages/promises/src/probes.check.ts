import type { PromiseEvidence } from './evidence.ts'
import type { Findings } from './findings.ts'

/** Promise 7: the log can't tell; only what was tried on a running engine can. */
export const checkOwnWrites = ({ probes, probed }: PromiseEvidence, findings: Findings): void => {
  findings.looked(probed?.readYourWrites ?? 0)
  for (const sentence of probes.readYourWrites) findings.broke(sentence)
}

/** Promise 8: one event never makes a second mail to the same person; a repeated send shows the same Message-ID. */
export const checkReplay = (
  { events, mails = [], probes, probed }: PromiseEvidence,
  findings: Findings,
): void => {
  const known = new Set(events.map(({ id }) => id))
  const messages = new Map<string, string>()
  for (const { messageId, kind, recipientId, eventId } of mails) {
    findings.looked()
    const mail = `mail ${kind} to ${recipientId} about event ${eventId}`
    if (!known.has(eventId)) findings.broke(`${mail} was sent, but the log has no such event`)
    const first = messages.get(mail)
    if (first === undefined) messages.set(mail, messageId)
    else if (first !== messageId)
      findings.broke(`${mail} was sent twice as different mails: ${first} and ${messageId}`)
  }
  findings.looked(probed?.replay ?? 0)
  for (const sentence of probes.replay) findings.broke(sentence)
}
