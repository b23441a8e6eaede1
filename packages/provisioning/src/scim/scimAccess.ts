import {
  type Access,
  absent,
  ConnectorError,
  type GrantAnswer,
  present,
  type ReadBack,
  type TargetAccount,
  type TargetRole,
  unknown,
  unreadable,
} from '../connector.ts'
import { inTurns, orItsError } from '../many.ts'
import {
  type Account,
  accountNamed,
  createUser,
  findAccount,
  inUse,
  type LookUpAttribute,
  notFound,
} from './scimAccounts.ts'
import type { ScimHttp } from './scimHttp.ts'
import type { Told } from './scimMembership.ts'
import type { ScimUser } from './scimMessages.ts'
import type { Placed, Places } from './scimPlaces.ts'
import { findUsersAtOnce } from './scimUsersAtOnce.ts'

type Subject = Access['subject']

export interface ScimAccessOptions {
  readonly http: ScimHttp
  readonly places: Places
  /** Id of the group, or the value. */
  readonly placeOf: (role: TargetRole) => string
  readonly by: readonly LookUpAttribute[]
  readonly createUsers: boolean
}

/** Reads and changes accesses, one or many, in the order of what was asked; what concerns one alone is its answer. */
export interface ScimAccess {
  readBack(
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<readonly (ReadBack | ConnectorError)[]>
  grant(
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<readonly (GrantAnswer | ConnectorError)[]>
  revoke(
    accesses: readonly Access[],
    signal: AbortSignal,
  ): Promise<readonly (ConnectorError | undefined)[]>
}

/** Accounts looked up side by side. */
const SIDE_BY_SIDE = 8

export const createScimAccess = (options: ScimAccessOptions): ScimAccess => {
  const { http, places, placeOf, by, createUsers } = options

  /** Each access's account: one matching for whatever is done with it. */
  const accountsOf = async (accesses: readonly Access[], signal: AbortSignal) => {
    signal.throwIfAborted()
    const known = await findUsersAtOnce(
      http,
      accesses.map(({ subject }) => subject),
      signal,
    )
    return await inTurns(accesses, SIDE_BY_SIDE, ({ subject }) => {
      const user = known.get(subject.id)
      return orItsError(
        user === undefined
          ? findAccount(http, subject, by, signal)
          : Promise.resolve({ is: 'found', user } as const),
      )
    })
  }

  /** The account to give something to. */
  const receiverOf = async (
    subject: Subject,
    account: Account,
    signal: AbortSignal,
  ): Promise<ScimUser> => {
    switch (account.is) {
      case 'found':
        return inUse(account.user, subject)
      case 'gone':
        // Another one under their name, if it says that it is theirs.
        return await receiverOf(subject, await accountNamed(http, subject, by, signal), signal)
      case 'refused':
        throw lasting(account)
      case 'none': {
        if (createUsers) return inUse(await createUser(http, subject, by, signal), subject)
        throw lasting(notFound(subject, { refused: [] }, by))
      }
    }
  }

  /** The access's place with whom it is about, or the answer that is known without asking for it. */
  const placedFor = async <Known>(
    access: Access,
    idOr: () => Promise<string | Known>,
  ): Promise<Placed | ConnectorError | Known> =>
    await orItsError(
      (async () => {
        const place = placeOf(access)
        if (access.confirmed !== undefined) places.noteTelling(place, access.confirmed)
        const id = await idOr()
        return typeof id === 'string' ? { place, userId: id } : id
      })(),
    )

  return {
    readBack: async (accesses, signal) => {
      const accounts = await accountsOf(accesses, signal)
      const wanted = await Promise.all(
        accesses.map((access, index) =>
          placedFor<ReadBack | ConnectorError>(access, async () => {
            const account = accounts[index]
            if (account === undefined || account instanceof ConnectorError)
              return account ?? unknown('scim.not-looked-up', 'nobody looked')
            if (account.is === 'found') return account.user.id
            if (account.is === 'gone') return account.id
            if (account.is === 'refused') return unknown(account.code, account.reason)
            const { code, reason } = notFound(access.subject, account, by)
            // Whose it will be is known: the one that is made.
            return createUsers && account.refused.length === 0
              ? unreadable(code, reason)
              : unknown(code, reason)
          }),
        ),
      )
      const said = await askFor(wanted, (placed) => places.told(placed, signal))
      return said.map((one, index) => {
        if (typeof one !== 'string') return one
        const account = accounts[index]
        const gone = account !== undefined && 'is' in account && account.is === 'gone'
        return readBackOf(one, wanted[index], gone)
      })
    },
    grant: async (accesses, signal) => {
      const accounts = await accountsOf(accesses, signal)
      const wanted = await inTurns(
        accesses.map((access, index) => ({ access, account: accounts[index] })),
        SIDE_BY_SIDE,
        ({ access, account }) =>
          placedFor<ConnectorError>(access, async () => {
            if (account === undefined) throw new Error('nobody looked')
            if (account instanceof ConnectorError) return account
            return (await receiverOf(access.subject, account, signal)).id
          }),
      )
      const said = await askFor(wanted, (placed) => places.change('add', placed, signal))
      return said.map((one, index) => {
        const placed = wanted[index]
        if (one instanceof ConnectorError || placed === undefined) return one
        return isPlaced(placed) ? { account: namesOf(placed.userId) } : one
      })
    },
    revoke: async (accesses, signal) => {
      const accounts = await accountsOf(accesses, signal)
      const wanted = await Promise.all(
        accesses.map((access, index) =>
          placedFor<ConnectorError | undefined>(access, async () => {
            const account = accounts[index]
            if (account === undefined || account instanceof ConnectorError) return account
            if (account.is === 'found') return account.user.id
            if (account.is === 'refused') return lasting(account)
            if (account.is === 'none') return lasting(notFound(access.subject, account, by))
            // Groups may still list who is gone.
            const asked = [{ place: placeOf(access), userId: account.id }]
            const [told] = await places.told(asked, signal)
            if (told instanceof ConnectorError) return told
            return told === 'in' ? account.id : undefined
          }),
        ),
      )
      return await askFor(wanted, (placed) => places.change('remove', placed, signal))
    },
  }
}

/** Asks for those that have a place; the others have their answer. */
const askFor = async <Known, Answer>(
  wanted: readonly (Placed | Known)[],
  ask: (placed: readonly Placed[]) => Promise<readonly Answer[]>,
): Promise<readonly (Answer | Known)[]> => {
  const placed = wanted.filter(isPlaced)
  const answers = (placed.length === 0 ? [] : await ask(placed)).values()
  return wanted.map((one) => (isPlaced(one) ? (answers.next().value as Answer) : one))
}

const isPlaced = (one: unknown): one is Placed =>
  typeof one === 'object' && one !== null && 'place' in one && 'userId' in one

const namesOf = (userId: string): TargetAccount => ({ id: userId, member: userId })

const readBackOf = (told: Told, placed: unknown, gone: boolean): ReadBack => {
  const names = isPlaced(placed) ? namesOf(placed.userId) : null
  if (told === 'in') return present(names)
  // Nobody has anything who isn't there.
  if (gone) return absent()
  if (told === 'out') return absent(names)
  return unreadable(
    'scim.members-not-told',
    'the target lists no members, and neither a filter by members nor the account itself tells; what it says that it did counts',
  )
}

const lasting = ({ code, reason }: { readonly code: string; readonly reason: string }) =>
  new ConnectorError(code, reason, { transient: false })
