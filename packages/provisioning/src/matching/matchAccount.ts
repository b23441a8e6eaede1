import { type Access, ConnectorError } from '../connector.ts'

type Subject = Access['subject']

/** An account that a target found under one of the person's names, as far as it tells; null or absent: it doesn't. */
export interface Candidate {
  /** Given to nobody else: see `TargetAccount`. */
  readonly id: string | null
  /** Whose it is by what the one who made it kept: our id of the person, or theirs. */
  readonly externalId?: string | null
  readonly employeeNumber?: string | null
  /** Absent: by the user name. */
  readonly foundBy?: 'userName' | 'email'
}

/** What connectors say in the same words: their own name comes before the reason. */
export type MatchRefusal =
  | 'user-ambiguous'
  | 'account-of-another'
  | 'account-replaced'
  | 'user-name-shared'
  | 'email-shared'

/**
 * The one rule of whose an account is, for grants, removals, looks and scans alike. A name alone is never proof against
 * anything that contradicts it.
 * @param kind the connector's, before the dot of its codes
 * @param told what the target has under the person's names; where an account is kept with the grant, and it is still
 *   there, that one alone
 * @returns undefined: the target has none under these names, which doesn't say that it has none
 * @throws ConnectorError `<kind>.user-ambiguous`, `account-of-another` (an external id or employee number contradicts),
 *   `account-replaced` (the account that is kept is gone, and another has its name), `user-name-shared`, `email-shared`
 *   (several people of the directory have the user name, or the address by which it was found, and nothing else tells
 *   whose it is)
 */
export const matchAccount = <Found extends Candidate>(
  kind: string,
  subject: Subject,
  told: readonly Found[],
): Found | undefined => {
  // One that is told twice, as on two pages, is still one.
  const found = told.filter(
    ({ id }, index) => id === null || told.findIndex((each) => each.id === id) === index,
  )
  const refuse = (reason: MatchRefusal, message: string): ConnectorError =>
    new ConnectorError(`${kind}.${reason}`, message, { transient: false })
  const kept = found.find((each) => isKept(each, subject))
  if (kept !== undefined) return kept
  const sure = found.filter((each) => evidence(each, subject) === 'for')
  const open = found.filter((each) => evidence(each, subject) === 'none')
  // The one whom the target names comes before those who only have the name.
  const [account, other] = sure.length > 0 ? sure : open
  if (other !== undefined || (sure.length === 0 && account !== undefined && found.length > 1))
    throw refuse(
      'user-ambiguous',
      `several accounts of the target match ${subject.id}; leave one of them, or give the right one the person's external id or employee number, then reprocess`,
    )
  if (account === undefined) {
    if (found.length === 0) return undefined
    throw refuse(
      'account-of-another',
      `the target's account with the names of ${subject.id} has another external id or employee number, so it is somebody else's; correct it there or in the directory, then reprocess`,
    )
  }
  if (sure.length > 0) return account
  if (hasKept(subject))
    throw refuse(
      'account-replaced',
      `the account that ${subject.id} was given access with is gone, and another has its name, so it may be somebody else's; remove the assignment and assign anew if it is theirs, or give it their external id or employee number, then reprocess`,
    )
  if (subject.userNameShared === true)
    throw refuse(
      'user-name-shared',
      `somebody else in the directory has the user name of ${subject.id}, so it doesn't tell whose the target's account is; correct it in the directory, or give the account the person's external id or employee number, then reprocess`,
    )
  if (account.foundBy === 'email' && subject.emailShared === true)
    throw refuse(
      'email-shared',
      `the target's account has the e-mail address of ${subject.id} and not their user name, and somebody else in the directory has that address too, so it doesn't tell whose the account is; correct it in the directory, or give the account the person's external id or employee number, then reprocess`,
    )
  return account
}

/** True for the account that the access was granted to. */
const isKept = ({ id }: Candidate, { account }: Subject): boolean =>
  id !== null && id === account?.id

/** True where the account is kept by an id that would tell it again. */
export const hasKept = ({ account }: Subject): boolean =>
  account?.id !== undefined && account.id !== null

/**
 * What speaks for its being the person's account, or against, besides the name under which it was found.
 * An external id counts as ours, or as the directory's for the person; one that is neither contradicts.
 */
export const evidence = (
  { externalId, employeeNumber }: Omit<Candidate, 'id'>,
  subject: Pick<Subject, 'id' | 'externalId' | 'employeeNumber'>,
): 'for' | 'against' | 'none' => {
  const theirs = (externalId ?? '').trim()
  const number = (employeeNumber ?? '').trim()
  const known = (subject.employeeNumber ?? '').trim()
  const [byId, byNumber] = [
    theirs === '' ? undefined : theirs === subject.id || theirs === subject.externalId?.trim(),
    number === '' || known === '' ? undefined : number === known,
  ]
  if (byId === false || byNumber === false) return 'against'
  return byId === true || byNumber === true ? 'for' : 'none'
}
