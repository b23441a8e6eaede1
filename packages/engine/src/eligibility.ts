import type { Directory, Person } from '@portcullis/directory'
import type { Basis, PolicyApplication, PolicyState, PolicyTerms } from '@portcullis/domain'

/**
 * What each policy of a package says of a subject, in the policies' order, read live from the directory (S7–S9).
 * @param person undefined when the directory doesn't know the subject: then nothing applies
 */
export const policyApplications = async (
  directory: Pick<Directory, 'memberOfAny'>,
  policies: readonly PolicyState[],
  person: Person | undefined,
): Promise<readonly PolicyApplication[]> => {
  const groupIds = groupsNamedBy(policies)
  const memberOf =
    person === undefined || groupIds.length === 0
      ? []
      : await directory.memberOfAny(person.id, groupIds)
  const inGroups = new Set(memberOf)
  return policies.map((policy) => {
    const found = scopeOf(policy.terms, person, inGroups)
    return {
      policyId: policy.policyId,
      policyVersion: policy.policyVersion,
      enabled: policy.enabled,
      terms: policy.terms,
      basis: typeof found === 'string' ? null : found,
      reason: typeof found === 'string' ? found : null,
    }
  })
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

/** Why the person is in the policy's scope, or a sentence that says why not. */
const scopeOf = (
  terms: PolicyTerms,
  person: Person | undefined,
  inGroups: ReadonlySet<string>,
): Basis | string => {
  if (person === undefined) return 'the directory does not know this person'
  const { requestors } = terms
  switch (requestors.kind) {
    case 'none':
      return 'nobody may request under this policy; administrators assign directly'
    case 'external': {
      const { externalDirectoryId } = person
      if (externalDirectoryId === null)
        return 'this policy is for people of external directories, and this person is of our own'
      return requestors.directoryIds.includes(externalDirectoryId)
        ? { kind: 'externalDirectory', id: externalDirectoryId }
        : `this person's external directory ${externalDirectoryId} is not one of ${requestors.directoryIds.join(', ')}`
    }
    case 'directory': {
      if (person.externalDirectoryId !== null)
        return 'this policy is for people of our own directory, and this person is external'
      if (requestors.principals.some(({ kind, id }) => kind === 'user' && id === person.id))
        return { kind: 'user', id: person.id }
      const group = requestors.principals.find(
        ({ kind, id }) => kind === 'group' && inGroups.has(id),
      )
      if (group !== undefined) return { kind: 'group', id: group.id }
      return `this person is neither named by the policy nor in any of its groups (${requestors.principals.map(({ id }) => id).join(', ')})`
    }
  }
}
