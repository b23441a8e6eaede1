import type { Instant } from '@portcullis/core'
import type { PolicyState } from '../accessPackage/accessPackage.state.ts'
import type { Basis } from '../entitlement/entitlement.events.ts'
import type { PolicyTerms } from '../policyTerms.ts'

// Whom a policy lets in (S7 to S9, S16). Each reason completes "policy <name>: …" and tells of this person only, not of
// others whom the policy names.

/** The external directory that a person comes from, as the collaboration restrictions see it now (S8). */
export interface Origin {
  readonly id: string
  readonly displayName: string
  /** Null where the restrictions let its people in; else to follow its name: `is marked as not allowed`. */
  readonly refusedBecause: string | null
}

/** A person as policies see them, looked up right before. */
export interface PolicySubject {
  readonly id: string
  /** Null for our own people. */
  readonly origin: Origin | null
  /** Of the groups that the policies name; also those that are over. */
  readonly memberships: readonly {
    readonly groupId: string
    readonly groupName: string
    readonly until: Instant | null
  }[]
}

/** What a policy says of the subject, worked out from the directory right before the decision. */
export interface PolicyApplication {
  readonly policyId: string
  readonly policyVersion: number
  readonly enabled: boolean
  readonly terms: PolicyTerms
  /** Why the subject is in the policy's scope; null when it isn't. */
  readonly basis: Basis | null
  /** By what it lets the subject in, or why it doesn't; completes "policy <name>: …". */
  readonly reason: string | null
}

interface Judgement {
  readonly basis: Basis | null
  readonly reason: string
}

const letIn = (kind: Basis['kind'], id: string, reason: string): Judgement => ({
  basis: { kind, id },
  reason,
})
const leftOut = (reason: string): Judgement => ({ basis: null, reason })

/**
 * What a policy says of somebody now.
 * @param subject undefined when the directory doesn't know them: then nothing applies
 */
export const judgePolicy = (
  { policyId, policyVersion, enabled, terms }: PolicyState,
  subject: PolicySubject | undefined,
  now: Instant,
): PolicyApplication => ({
  policyId,
  policyVersion,
  enabled,
  terms,
  ...judgeScope(terms.requestors, subject, now),
})

const judgeScope = (
  requestors: PolicyTerms['requestors'],
  subject: PolicySubject | undefined,
  now: Instant,
): Judgement => {
  if (requestors.kind === 'none')
    return leftOut('nobody requests by it; administrators assign directly')
  if (subject === undefined) return leftOut('the directory does not know this person')
  return requestors.kind === 'external'
    ? judgeExternal(requestors.directoryIds, subject)
    : judgeInternal(requestors.principals, subject, now)
}

type DirectoryRequestors = Extract<PolicyTerms['requestors'], { kind: 'directory' }>

const judgeExternal = (directoryIds: readonly string[], { origin }: PolicySubject): Judgement => {
  if (origin === null)
    return leftOut('it is for people of external directories, and this person is of our own')
  const from = `external directory '${origin.displayName}'`
  if (!directoryIds.includes(origin.id))
    return leftOut(`it is for people of other external directories; this person is of ${from}`)
  return origin.refusedBecause === null
    ? letIn('externalDirectory', origin.id, `it lets in everybody of ${from}`)
    : leftOut(`the collaboration restrictions refuse ${from}: it ${origin.refusedBecause}`)
}

const judgeInternal = (
  principals: DirectoryRequestors['principals'],
  { id, origin, memberships }: PolicySubject,
  now: Instant,
): Judgement => {
  if (origin !== null)
    return leftOut(
      `it is for people of our own directory; this person is of external directory '${origin.displayName}'`,
    )
  if (principals.some((principal) => principal.kind === 'user' && principal.id === id))
    return letIn('user', id, 'it names this person')
  const groupIds = principals.filter(({ kind }) => kind === 'group').map((group) => group.id)
  const theirs = groupIds.flatMap((groupId) =>
    memberships.filter((membership) => membership.groupId === groupId),
  )
  const current = theirs.find(({ until }) => until === null || now < until)
  if (current !== undefined)
    return letIn(
      'group',
      current.groupId,
      `this person is in group '${current.groupName}'${current.until === null ? '' : ` until ${current.until}`}`,
    )
  const over = theirs.map(
    ({ groupName, until }) => `; membership of group '${groupName}' ended at ${until}`,
  )
  return leftOut(`it names neither this person nor a group that they are in${over.join('')}`)
}

/** May the subject request by it now? Scope, being enabled (S16), and being for requests at all. */
export const mayRequestBy = ({ enabled, basis, terms }: PolicyApplication): boolean =>
  enabled && basis !== null && terms.requestors.kind !== 'none'

/** What the policy says, as a sentence's second half: why it applies, or why not. */
export const sentenceOf = ({ enabled, reason }: PolicyApplication): string =>
  enabled ? (reason ?? 'it is for others') : 'it is disabled'
