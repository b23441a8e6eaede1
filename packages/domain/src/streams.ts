import { z } from 'zod'

/** Names of streams and of the ids that locate them. These texts are the storage format. */
export const catalogStream = (catalogId: string): string => `catalog-${catalogId}`
export const accessPackageStream = (packageId: string): string => `accessPackage-${packageId}`
export const entitlementStream = (entitlementId: string): string => `entitlement-${entitlementId}`
export const grantStream = (grantId: string): string => `grant-${grantId}`

/** One import of the directory: a stream of one event, so that it is told once. */
export const directoryImportStream = (importId: string): string => `directory-import-${importId}`

/** What was said of leavers as a whole. */
export const LEAVERS_STREAM = 'directory-leavers'

/** One subject and one package: `<packageId>.<subjectId>`. */
export const entitlementId = (packageId: string, subjectId: string): string =>
  `${packageId}.${subjectId}`
/** One subject's access to one resource role: `<resourceId>.<roleId>.<subjectId>`. */
export const grantId = (resourceId: string, roleId: string, subjectId: string): string =>
  `${resourceId}.${roleId}.${subjectId}`
/** The n-th request (from 1) of an entitlement: `<packageId>.<subjectId>.r<n>`. */
export const requestId = (entitlement: string, number: number): string =>
  `${entitlement}.r${number}`
/** The n-th assignment (from 1) of an entitlement: `<packageId>.<subjectId>.a<n>`. */
export const assignmentId = (entitlement: string, number: number): string =>
  `${entitlement}.a${number}`

/**
 * One operation on a grant, as the one who carries it out by hand or by ticket names it: `<grantId>.<operationId>`. It
 * locates the grant's stream.
 */
export const fulfilmentId = (grant: string, operationId: string): string =>
  `${grant}.${operationId}`

const ID = '[A-Za-z0-9][A-Za-z0-9_-]{0,63}'
const ENTITLEMENT = new RegExp(`^(${ID})\\.(${ID})$`)
const REQUEST = new RegExp(`^(${ID})\\.(${ID})\\.r([1-9]\\d{0,8})$`)
const ASSIGNMENT = new RegExp(`^(${ID})\\.(${ID})\\.a([1-9]\\d{0,8})$`)
const GRANT = new RegExp(`^(${ID})\\.(${ID})\\.(${ID})$`)
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const FULFILMENT = new RegExp(`^(${ID}\\.${ID}\\.${ID})\\.(${UUID})$`)

const idIn = (stream: string, nameOf: (id: string) => string): string | undefined => {
  const kind = nameOf('')
  return stream.startsWith(kind) ? stream.slice(kind.length) : undefined
}

export interface LocatedInEntitlement {
  readonly packageId: string
  readonly subjectId: string
  readonly entitlementId: string
  readonly number: number
}

const located = (match: RegExpExecArray | null): LocatedInEntitlement | undefined => {
  const [, packageId, subjectId, number] = match ?? []
  if (packageId === undefined || subjectId === undefined || number === undefined) return undefined
  return {
    packageId,
    subjectId,
    entitlementId: entitlementId(packageId, subjectId),
    number: Number(number),
  }
}

/** The parts of an entitlement's id; undefined when the text isn't one. */
export const parseEntitlementId = (
  id: string,
): { readonly packageId: string; readonly subjectId: string } | undefined => {
  const [, packageId, subjectId] = ENTITLEMENT.exec(id) ?? []
  return packageId === undefined || subjectId === undefined ? undefined : { packageId, subjectId }
}
/** The id of the entitlement that a stream is of; undefined for other streams. */
export const parseEntitlementStream = (stream: string): string | undefined =>
  idIn(stream, entitlementStream)
/** The id of the grant that a stream is of; undefined for other streams. */
export const parseGrantStream = (stream: string): string | undefined => idIn(stream, grantStream)
/** Where a request lives; undefined when the text isn't a request id. */
export const parseRequestId = (id: string): LocatedInEntitlement | undefined =>
  located(REQUEST.exec(id))
/** Where an assignment lives; undefined when the text isn't an assignment id. */
export const parseAssignmentId = (id: string): LocatedInEntitlement | undefined =>
  located(ASSIGNMENT.exec(id))
/** The parts of a grant id; undefined when the text isn't one. */
export const parseGrantId = (
  id: string,
):
  | { readonly resourceId: string; readonly roleId: string; readonly subjectId: string }
  | undefined => {
  const [, resourceId, roleId, subjectId] = GRANT.exec(id) ?? []
  return resourceId === undefined || roleId === undefined || subjectId === undefined
    ? undefined
    : { resourceId, roleId, subjectId }
}

/** Which operation on which grant; undefined when the text isn't a fulfilment id. */
export const parseFulfilmentId = (
  id: string,
): { readonly grantId: string; readonly operationId: string } | undefined => {
  const [, grant, operationId] = FULFILMENT.exec(id) ?? []
  return grant === undefined || operationId === undefined
    ? undefined
    : { grantId: grant, operationId }
}

export const requestIdSchema = z
  .string()
  .regex(REQUEST, 'a request id is <packageId>.<subjectId>.r<number>')
export const assignmentIdSchema = z
  .string()
  .regex(ASSIGNMENT, 'an assignment id is <packageId>.<subjectId>.a<number>')
