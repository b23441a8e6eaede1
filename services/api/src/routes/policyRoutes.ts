import { operations } from '@portcullis/api-contract'
import { commandRoute, queryRoute, type Route } from '../route.ts'
import { inZone } from './newPackage.ts'

/** Policies of access packages (S7 to S16). */
export const policyRoutes: readonly Route[] = [
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
  commandRoute(operations.removePolicy, ({ params }) => ({ type: 'RemovePolicy', ...params })),
  queryRoute(operations.listPolicyVersions, async ({ params }, call) => {
    const { packageId, policyId } = params
    const items = await call.application.policyVersions(call.caller, packageId, policyId)
    return items === undefined ? undefined : { items }
  }),
]
