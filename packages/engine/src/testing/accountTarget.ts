import {
  type Access,
  absent,
  type Connector,
  ConnectorError,
  matchAccount,
  present,
  type ReadBack,
  type TargetAccount,
  type TargetRole,
  unknown,
  unreadable,
} from '@portcullis/provisioning'

/** An account of the target. */
export interface HeldAccount {
  readonly id: string
  userName: string
  employeeNumber?: string
}

/**
 * A target that has accounts of its own, which move, are renamed and recycled; it may be mute, or hide where an account
 * has gone.
 */
export interface AccountTarget extends Connector {
  /** Replaces what it has. */
  readonly accounts: Map<string, HeldAccount>
  /** As in `wiki.member acc-1`. */
  readonly members: Set<string>
  /** While true, it never says who is a member. */
  mute: boolean
  /** While true, it doesn't tell an account that is gone from one that it hides. */
  hides: boolean
}

/** @param people user names by account id */
export const createAccountTarget = (
  name: string,
  people: Readonly<Record<string, string>>,
): AccountTarget => {
  const accounts = new Map(
    Object.entries(people).map(([id, userName]): [string, HeldAccount] => [id, { id, userName }]),
  )
  const members = new Set<string>()
  const namesOf = (id: string): TargetAccount => ({ id, member: id })
  const keyOf = ({ resource, role }: TargetRole, id: string) => `${resource.id}.${role.id} ${id}`
  const notFound = { code: `${name}.user-not-found`, reason: 'nobody of that name' } as const

  const find = ({ subject }: Access): HeldAccount | undefined =>
    matchAccount(
      name,
      subject,
      [...accounts.values()].filter(
        ({ id, userName }) => id === subject.account?.id || userName === subject.userName,
      ),
    )
  /** By the account that is kept, else by the name. */
  const whose = (access: Access): TargetAccount | undefined => {
    const kept = access.subject.account
    if (kept?.id == null) {
      const found = find(access)
      return found && namesOf(found.id)
    }
    return kept
  }
  const readBack = async (access: Access): Promise<ReadBack> => {
    const account = whose(access)
    if (account?.id == null) return unknown(notFound.code, notFound.reason)
    if (!accounts.has(account.id) && target.hides)
      return unknown(`${name}.account-not-found`, 'the account is not to be seen')
    if (target.mute) return unreadable(`${name}.mute`, 'it never says who is in')
    return members.has(keyOf(access, account.id)) ? present(account) : absent(account)
  }
  const target: AccountTarget = {
    name,
    accounts,
    members,
    mute: false,
    hides: false,
    probe: async () => {},
    close: async () => {},
    readBack,
    grant: async (access) => {
      const found = find(access)
      if (found === undefined)
        throw new ConnectorError(notFound.code, notFound.reason, { transient: false })
      members.add(keyOf(access, found.id))
      return { account: namesOf(found.id) }
    },
    revoke: async (access) => {
      const says = await readBack(access)
      if (says.state === 'unknown' && !says.unreadable)
        throw new ConnectorError(says.code, says.reason, { transient: false })
      const account = whose(access)
      if (account?.id != null) members.delete(keyOf(access, account.id))
      return undefined
    },
    async *holders(role) {
      yield [...members].flatMap((member) => {
        const [where, id = ''] = member.split(' ')
        if (where !== `${role.resource.id}.${role.role.id}`) return []
        const account = accounts.get(id)
        return {
          subjectId: null,
          userName: account?.userName ?? null,
          email: null,
          employeeNumber: account?.employeeNumber ?? null,
          account: namesOf(id),
          label: account?.userName ?? id,
        }
      })
    },
  }
  return target
}
