import { operations, type PolicyTermsInput } from '@portcullis/api-contract'
import type { PolicyTerms } from '@portcullis/domain'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'
import { subjectOf } from './subject.ts'

/** Access packages, their resource roles and policies (S2, S5 to S7, S16, S17, S23). */
export const accessPackageRoutes: readonly Route[] = [
  commandRoute(
    operations.createAccessPackage,
    ({ body }, { derive, zone }) => ({
      type: 'CreateAccessPackage',
      packageId: body.id ?? derive('accessPackage'),
      catalogId: body.catalogId,
      displayName: body.displayName,
      description: body.description,
      hidden: body.hidden,
      resourceRoles: body.resourceRoles,
      policies: body.policies.map((policy, index) => ({
        policyId: policy.id ?? derive('policy', index),
        enabled: policy.enabled,
        terms: inZone(policy.terms, zone),
      })),
    }),
    ({ packageId }) => `/v1/access-packages/${packageId}`,
  ),
  queryRoute(operations.listAccessPackages, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.packages(call.caller, defined(options)),
  ),
  queryRoute(operations.listRequestablePackages, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.requestable(call.caller, defined(options)),
  ),
  queryRoute(operations.getAccessPackage, ({ params }, call) =>
    call.application.package(call.caller, params.packageId),
  ),
  queryRoute(operations.whyAccessPackage, async ({ params, query }, call) => {
    const subjectId = subjectOf(call.caller, 'query.subjectId', query.subjectId, 'anybody')
    const policies = await call.application.why(call.caller, params.packageId, subjectId)
    return policies === undefined ? undefined : { policies }
  }),
  commandRoute(operations.changeAccessPackage, ({ params, body }) => {
    const { displayName, description, hidden } = body
    // The schema lets through name and description together, or `hidden` alone.
    if (displayName !== undefined && description !== undefined) {
      return { type: 'RenameAccessPackage', ...params, displayName, description }
    }
    return { type: hidden === true ? 'HideAccessPackage' : 'ShowAccessPackage', ...params }
  }),
  commandRoute(operations.addResourceRole, ({ params, body }) => ({
    type: 'AddResourceRole',
    ...params,
    ...body,
  })),
  commandRoute(operations.removeResourceRole, ({ params }) => ({
    type: 'RemoveResourceRole',
    ...params,
  })),
  commandRoute(
    operations.addPolicy,
    ({ params, body }, { derive, zone }) => ({
      type: 'AddPolicy',
      ...params,
      policyId: body.id ?? derive('policy'),
      enabled: body.enabled,
      terms: inZone(body.terms, zone),
    }),
    ({ packageId }) => (packageId === undefined ? undefined : `/v1/access-packages/${packageId}`),
  ),
  commandRoute(operations.changePolicy, ({ params, body }, { zone }) => ({
    type: 'ChangePolicy',
    ...params,
    terms: inZone(body.terms, zone),
  })),
  commandRoute(operations.enablePolicy, ({ params }) => ({ type: 'EnablePolicy', ...params })),
  commandRoute(operations.disablePolicy, ({ params }) => ({ type: 'DisablePolicy', ...params })),
]

const inZone = (terms: PolicyTermsInput, zone: string): PolicyTerms => ({
  ...terms,
  zone: terms.zone ?? zone,
})
