import type { Access } from '../connector.ts'

type Subject = Access['subject']

/** An account of the target, by what it says of itself. */
export interface Candidate {
  readonly id: string
  readonly userName: string | null
  readonly emails: readonly string[]
  readonly externalId: string | null
  readonly employeeNumber: string | null
}

export type Match<Account> =
  | { readonly is: 'found'; readonly account: Account }
  | { readonly is: 'none' }
  | { readonly is: 'refused'; readonly code: string; readonly reason: string }

/** Does the account say itself whose it is? `no`: it says that it is somebody else's. */
export const saysWhose = (subject: Subject, candidate: Candidate): 'yes' | 'no' | 'nothing' => {
  const { externalId, employeeNumber } = candidate
  const ours = [subject.id, subject.externalId].includes(externalId)
  const numbered = employeeNumber && subject.employeeNumber
  if (externalId && !ours) return 'no'
  if (numbered && employeeNumber !== subject.employeeNumber) return 'no'
  return (externalId && ours) || numbered ? 'yes' : 'nothing'
}

/** Which of the accounts that a name finds is the subject's. */
export const matchAccount = <Account extends Candidate>(
  kind: string,
  subject: Subject,
  candidates: readonly Account[],
): Match<Account> => {
  const all = [...new Map(candidates.map((each) => [each.id, each])).values()]
  if (all.length === 0) return { is: 'none' }
  const refused = (code: string, reason: string) =>
    ({ is: 'refused', code: `${kind}.${code}`, reason }) as const
  const ours = all.filter((each) => saysWhose(subject, each) === 'yes')
  const silent = all.filter((each) => saysWhose(subject, each) === 'nothing')
  const [first] = ours.length > 0 ? ours : silent
  if (first === undefined)
    return refused(
      'account-of-another',
      `the account that the target has under a name of ${subject.id} is somebody else's: its externalId or employeeNumber isn't theirs`,
    )
  if (ours.length > 1 || (ours.length === 0 && all.length > 1))
    return refused(
      'user-ambiguous',
      `${all.length} accounts of the target have this name of ${subject.id}; leave one of them, or let one have the person's externalId`,
    )
  if (ours.length === 0 && subject.userNameShared === true)
    return refused(
      'user-name-shared',
      `others in the directory have the user name of ${subject.id}, and the account doesn't say whose it is; give it the person's externalId or employeeNumber`,
    )
  return { is: 'found', account: first }
}
