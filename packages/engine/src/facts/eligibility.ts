import type { Instant } from '@portcullis/core'
import type { Directory, Person } from '@portcullis/directory'
import {
  type EntitlementFacts,
  judgePolicy,
  type Origin,
  type PolicyApplication,
  type PolicyState,
  type PolicySubject,
} from '@portcullis/domain'

type Lookups = Pick<Directory, 'membershipsIn' | 'externalDirectories'>

/**
 * What each policy of a package says of a subject, in the policies' order, read live from the directory (S7–S9).
 * @param person undefined when the directory doesn't know the subject: then nothing applies
 */
export const policyApplications = async (
  directory: Lookups,
  policies: readonly PolicyState[],
  person: Person | undefined,
  now: Instant,
): Promise<readonly PolicyApplication[]> => {
  const subject =
    person === undefined || policies.length === 0
      ? undefined
      : await policySubject(directory, policies, person)
  return policies.map((policy) => judgePolicy(policy, subject, now))
}

const policySubject = async (
  directory: Lookups,
  policies: readonly PolicyState[],
  person: Person,
): Promise<PolicySubject> => {
  const groupIds = groupsNamedBy(policies)
  const [origin, memberships] = await Promise.all([
    originOf(directory, person),
    groupIds.length === 0 ? [] : directory.membershipsIn(person.id, groupIds),
  ])
  return { id: person.id, origin: origin ?? null, memberships }
}

/**
 * The external directory that the person is of; undefined for our own people. One that the directory doesn't know isn't
 * allowed.
 */
const originOf = async (
  directory: Pick<Directory, 'externalDirectories'>,
  person: Person | undefined,
): Promise<Origin | undefined> => {
  const id = person?.externalDirectoryId ?? null
  if (id === null) return undefined
  const found = (await directory.externalDirectories([id])).get(id)
  return found === undefined
    ? { id, displayName: id, refusedBecause: 'is not known' }
    : { id, displayName: found.displayName, refusedBecause: found.refusedBecause }
}

/**
 * The external directory by which policies let the person in; null for our own people, and while the restrictions
 * refuse it (S8).
 */
export const admittedDirectoryOf = async (
  directory: Pick<Directory, 'externalDirectories'>,
  person: Person,
): Promise<string | null> => {
  const origin = await originOf(directory, person)
  return origin?.refusedBecause === null ? origin.id : null
}

/** The subject as the rules see them: there, enabled, and of an external directory that is allowed now (S8). */
export const subjectFacts = async (
  directory: Pick<Directory, 'externalDirectories'>,
  person: Person | undefined,
): Promise<EntitlementFacts['subject']> => {
  const origin = await originOf(directory, person)
  return {
    exists: person !== undefined,
    enabled: person?.enabled ?? false,
    ...(origin === undefined ? {} : { origin }),
  }
}

const groupsNamedBy = (policies: readonly PolicyState[]): readonly string[] => [
  ...new Set(
    policies.flatMap(({ terms }) =>
      terms.requestors.kind === 'directory'
        ? terms.requestors.principals.filter(({ kind }) => kind === 'group').map(({ id }) => id)
        : [],
    ),
  ),
]
