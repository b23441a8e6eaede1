import { operations } from '@portcullis/api-contract'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'
import { newPackage } from './newPackage.ts'
import { subjectOf } from './subject.ts'
import { validateAccessPackage } from './validateAccessPackage.ts'

/** Access packages, their resource roles and how far a change of these has got (S2, S5, S6, S17, S23, S24). */
export const accessPackageRoutes: readonly Route[] = [
  commandRoute(
    operations.createAccessPackage,
    ({ body }, { derive, zone }) => newPackage(body, derive, zone),
    ({ packageId }) => `/v1/access-packages/${packageId}`,
  ),
  validateAccessPackage,
  queryRoute(operations.listAccessPackages, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.packages(call.caller, defined(options)),
  ),
  queryRoute(operations.listRequestablePackages, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.requestable(call.caller, defined(options)),
  ),
  queryRoute(operations.getRequestablePackage, ({ params }, call) =>
    call.application.requestablePackage(call.caller, params.packageId),
  ),
  queryRoute(
    operations.getAccessPackageHistory,
    ({ params, query: { atLeast: _, ...options } }, call) =>
      call.application.packageHistory(call.caller, params.packageId, defined(options)),
  ),
  queryRoute(operations.getAccessPackage, ({ params }, call) =>
    call.application.package(call.caller, params.packageId),
  ),
  queryRoute(operations.whyAccessPackage, ({ params, query }, call) =>
    call.application.why(
      call.caller,
      params.packageId,
      subjectOf(call.caller, 'query.subjectId', query.subjectId),
    ),
  ),
  commandRoute(operations.changeAccessPackage, ({ params, body }) => ({
    type: 'EditAccessPackage',
    ...params,
    displayName: body.displayName ?? null,
    description: body.description ?? null,
    hidden: body.hidden ?? null,
  })),
  commandRoute(operations.deleteAccessPackage, ({ params }) => ({
    type: 'DeleteAccessPackage',
    ...params,
  })),
  commandRoute(operations.addResourceRole, ({ params, body: { rollOut, ...role } }) => ({
    type: 'AddResourceRole',
    ...params,
    ...role,
    ...defined({ rollOut }),
  })),
  commandRoute(operations.removeResourceRole, ({ params, body }) => ({
    type: 'RemoveResourceRole',
    ...params,
    ...defined({ rollOut: body?.rollOut }),
  })),
  queryRoute(operations.getRollOut, ({ params }, call) =>
    call.application.rollOut(call.caller, params.packageId),
  ),
  commandRoute(operations.pauseRollOut, ({ params }) => ({ type: 'PauseRollOut', ...params })),
  commandRoute(operations.resumeRollOut, ({ params }) => ({ type: 'ResumeRollOut', ...params })),
  commandRoute(operations.releaseRollOut, ({ params }) => ({ type: 'ReleaseRollOut', ...params })),
  commandRoute(operations.cancelRollOut, ({ params }) => ({ type: 'CancelRollOut', ...params })),
]
