import type { Clock } from '@portcullis/core'
import type { Directory, Person } from '@portcullis/directory'
import type { MatchRule } from '@portcullis/runtime'
import type { Vouched } from './provider.ts'
import type { SignInRecords } from './signInRecords.ts'

/** What tells a person for good; names may go to somebody else. */
const STABLE: ReadonlySet<MatchRule['field']> = new Set([
  'objectId',
  'externalId',
  'employeeNumber',
  'id',
])
const MOST_VALUE = 1024

export type WhoIsIt =
  | { readonly ok: true; readonly person: Person }
  | {
      readonly ok: false
      readonly code: 'nobody' | 'several' | 'conflict' | 'disabled'
      /** What was looked for, as `claim:field`. */
      readonly lookedFor: readonly string[]
      /** Ids of the people in question; for the log. */
      readonly people: readonly string[]
    }

/**
 * Which person an account is. Whom it was linked to decides, then what the rules find in their order; the account is
 * linked to them.
 * A link is never moved: where a stable claim finds somebody else than the link, or a name finds somebody who has
 * another account at this issuer, nobody gets in.
 * Groups and roles of a token count for nothing: they come from the directory.
 */
export const whoIsIt = async (
  { issuer, claims }: Pick<Vouched, 'issuer' | 'claims'>,
  {
    directory,
    records,
    rules,
    clock,
  }: {
    readonly directory: Pick<Directory, 'person' | 'peopleWith' | 'stableKeys'>
    readonly records: Pick<SignInRecords, 'personOf' | 'link'>
    readonly rules: readonly MatchRule[]
    readonly clock: Clock
  },
): Promise<WhoIsIt> => {
  const asked = rules.flatMap((rule) => {
    const value = claimOf(claims, rule)
    return value === undefined ? [] : [{ rule, value, name: `${rule.claim}:${rule.field}` }]
  })
  const lookedFor = asked.map(({ name }) => name)
  const no = (
    code: Extract<WhoIsIt, { ok: false }>['code'],
    people: readonly string[] = [],
  ): WhoIsIt => ({ ok: false, code, lookedFor, people })
  const yes = (person: Person): WhoIsIt =>
    person.enabled ? { ok: true, person } : no('disabled', [person.id])

  const linkedId = await records.personOf(issuer, claims.sub)
  const found = async (one: (typeof asked)[number]): Promise<readonly Person[]> => {
    const people = await directory.peopleWith(one.rule.field, one.value)
    const enabled = people.filter((person) => person.enabled)
    // Somebody who left keeps their names; who has them now is meant.
    return enabled.length > 0 ? enabled : people
  }

  /** Found by a name, but the directory has another value of what tells them for good. */
  const isKnownAsAnother = async (personId: string): Promise<boolean> => {
    const keys = await directory.stableKeys(personId)
    return asked.some(({ rule: { field }, value }) => {
      const known =
        field === 'objectId' || field === 'externalId' || field === 'employeeNumber'
          ? keys?.[field]
          : undefined
      return known !== undefined && known !== null && known.toLowerCase() !== value.toLowerCase()
    })
  }

  if (linkedId !== undefined) {
    for (const one of asked) {
      if (!STABLE.has(one.rule.field)) continue
      const people = (await found(one)).map(({ id }) => id)
      if (people.length > 0 && !people.includes(linkedId))
        return no('conflict', [linkedId, ...people])
    }
    const person = await directory.person(linkedId)
    return person === undefined ? no('nobody', [linkedId]) : yes(person)
  }

  for (const one of asked) {
    const people = await found(one)
    const [person, ...others] = people
    if (person === undefined) continue
    if (others.length > 0)
      return no(
        'several',
        people.map(({ id }) => id),
      )
    if (!person.enabled) return no('disabled', [person.id])
    if (!STABLE.has(one.rule.field) && (await isKnownAsAnother(person.id)))
      return no('conflict', [person.id])
    const link = {
      personId: person.id,
      issuer,
      subject: claims.sub,
      linkedAt: clock.now(),
      linkedBy: one.name,
    }
    const owner = await records.link(link, { onlyFirst: !STABLE.has(one.rule.field) })
    return owner === person.id
      ? yes(person)
      : no('conflict', [person.id, ...(owner === undefined ? [] : [owner])])
  }
  return no('nobody')
}

/** An address counts only when the issuer says that it has checked it. */
const claimOf = (claims: Vouched['claims'], { claim, field }: MatchRule): string | undefined => {
  const value = claims[claim]
  if (typeof value !== 'string' || value.trim() === '' || value.length > MOST_VALUE)
    return undefined
  if (value.includes('\0')) return undefined
  return field === 'email' && claims.email_verified !== true ? undefined : value
}
