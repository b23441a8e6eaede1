import type { Refusal } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type Basis,
  entitlementId,
  mayRequestBy,
  type PolicyApplication,
  type PolicyTerms,
  packageExists,
  refusalToRequest,
  seesPackage,
  sentenceOf,
} from '@portcullis/domain'
import type { Caller } from '../caller.ts'
import { policyApplications, subjectFacts } from '../facts/eligibility.ts'
import { createStates } from '../facts/states.ts'
import { rightsAt } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'

/** What one policy said of the subject. */
export interface PolicyVerdict {
  readonly policyId: string
  readonly displayName: string
  readonly version: number
  readonly enabled: boolean
  /** May the subject request by it now? */
  readonly applies: boolean
  /** By what the subject is in its scope, also when it is disabled; null when they aren't. */
  readonly basis: (Basis & { readonly displayName: string }) | null
  /** Tells of the subject only. */
  readonly sentence: string
  /** For who manages the package only: whom it is for, by name; the terms have every id. */
  readonly scope?: string
  readonly terms?: PolicyTerms
}

/** Why somebody may or may not request a package now (S7–S9, S16). */
export interface WhyAnswer {
  readonly packageId: string
  readonly packageName: string
  readonly subjectId: string
  /** Null when the directory doesn't know the subject. */
  readonly subjectName: string | null
  readonly mayRequest: boolean
  /**
   * What a request that names no policy would be refused with; null when it would be accepted. Several policies that
   * apply are no obstacle: one is to be named.
   */
  readonly refusal: Pick<Refusal, 'code' | 'message'> | null
  readonly policies: readonly PolicyVerdict[]
}

export interface WhyQueries {
  /** Of oneself, where one sees the package; or of anybody for those who manage it, also of one that was deleted. */
  why(caller: Caller, packageId: string, subjectId: string): Promise<WhyAnswer | undefined>
}

export const whyQueries = (dependencies: QueryDependencies): WhyQueries => {
  const { store, clock, directory } = dependencies
  const states = createStates(store)
  return {
    why: async (caller, packageId, subjectId) => {
      const [look, state] = await Promise.all([
        rightsAt(dependencies, caller, 'whyAccessPackage', { packageId }),
        states.package(packageId),
      ])
      if (state.packageId === null || !look.permits({ subjectId })) return undefined
      const manages = look.permits()
      const [subject, entitlement] = await Promise.all([
        directory.person(subjectId),
        states.entitlement(entitlementId(packageId, subjectId)),
      ])
      const now = clock.now()
      const [policies, subjectSeen] = await Promise.all([
        policyApplications(directory, state.policies, subject, now),
        subjectFacts(directory, subject),
      ])
      // Who asks of themselves sees it as a requestor does (S23).
      if (
        !manages &&
        !seesPackage(entitlement, { package: { exists: packageExists(state), policies } })
      )
        return undefined
      const refusal = refusalToRequest({ packageId, subjectId }, entitlement, now, {
        package: { exists: packageExists(state), policies },
        subject: subjectSeen,
      })
      const names = await namesFor(directory, policies, manages)
      return {
        packageId,
        packageName: state.displayName,
        subjectId,
        subjectName: subject?.displayName ?? null,
        mayRequest: refusal === null || refusal.code === 'request.policy-needed',
        refusal: refusal && { code: refusal.code, message: refusal.message },
        policies: policies.map((policy) => verdict(policy, names, manages)),
      }
    },
  }
}

const verdict = (policy: PolicyApplication, names: Names, manages: boolean): PolicyVerdict => {
  const { policyId, policyVersion, enabled, basis, terms } = policy
  return {
    policyId,
    displayName: terms.displayName,
    version: policyVersion,
    enabled,
    applies: mayRequestBy(policy),
    basis: basis && { ...basis, displayName: names(basis.kind, basis.id) },
    sentence: `Policy ${terms.displayName}: ${sentenceOf(policy)}.`,
    ...(manages ? { scope: scopeOf(terms, names), terms } : {}),
  }
}

/** How something is called; its id where the directory doesn't know it. */
type Names = (kind: string, id: string) => string

const namesFor = async (
  directory: Pick<Directory, 'people' | 'groups' | 'externalDirectories'>,
  policies: readonly PolicyApplication[],
  withScope: boolean,
): Promise<Names> => {
  const wanted = policies.flatMap(({ basis, terms: { requestors } }) => [
    ...(basis === null ? [] : [basis]),
    ...(withScope && requestors.kind === 'directory' ? requestors.principals : []),
    ...(withScope && requestors.kind === 'external'
      ? requestors.directoryIds.map((id) => ({ kind: 'externalDirectory', id }))
      : []),
  ])
  const ids = (kind: string) => [
    ...new Set(wanted.filter((one) => one.kind === kind).map(({ id }) => id)),
  ]
  const [people, groups, directories] = await Promise.all([
    directory.people(ids('user')),
    directory.groups(ids('group')),
    directory.externalDirectories(ids('externalDirectory')),
  ])
  const found = { user: people, group: groups, externalDirectory: directories }
  return (kind, id) =>
    (kind === 'user' || kind === 'group' || kind === 'externalDirectory'
      ? found[kind].get(id)?.displayName
      : undefined) ?? id
}

/** How many are named before the rest is only counted. */
const MOST_NAMED = 10

const scopeOf = ({ requestors }: PolicyTerms, names: Names): string => {
  switch (requestors.kind) {
    case 'none':
      return 'nobody: administrators assign directly'
    case 'external':
      return `everybody of ${listed(
        requestors.directoryIds.map((id) => `'${names('externalDirectory', id)}'`),
      )}`
    case 'directory':
      return listed(
        requestors.principals.map(({ kind, id }) =>
          kind === 'group' ? `group '${names(kind, id)}'` : names(kind, id),
        ),
      )
  }
}

const listed = (all: readonly string[]): string => {
  const rest = all.length - MOST_NAMED
  return rest > 0 ? `${all.slice(0, MOST_NAMED).join(', ')} and ${rest} more` : all.join(', ')
}
