import { z } from 'zod'
import type { Access } from '../connector.ts'

// Only what is needed of RFC 7643 and RFC 7644; everything else in an answer is passed over.

/** The extension of RFC 7643 §4.3, for accounts of employees. */
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/**
 * Ids are texts (RFC 7643 §3.1); some services give whole numbers, which mean the same. Longer ones than a double holds
 * arrive as text.
 */
const id = z.union([z.string().min(1), z.int().transform(String)])
const idOrNone = z
  .union([z.string(), z.int().transform(String)])
  .nullish()
  .transform((text) => text || null)

/** An account counts as in use unless the service says something else than yes (RFC 7643 §4.1.1 wants a boolean). */
const active = z
  .unknown()
  .optional()
  .transform((is) => is === undefined || is === null || /^(true|1)$/i.test(String(is)))

export const scimUserSchema = z.object({
  id,
  userName: idOrNone,
  externalId: idOrNone,
  active,
  emails: z.array(z.object({ value: z.string().nullish() })).nullish(),
  groups: z.array(z.object({ value: idOrNone, type: z.string().nullish() })).nullish(),
  [ENTERPRISE]: z.object({ employeeNumber: idOrNone }).nullish(),
})
export type ScimUser = z.infer<typeof scimUserSchema>

/** The last part of an address, such as `…/Users/<id>`. */
const idInAddress = (address: string | null | undefined): string | null => {
  const last = address?.replace(/\/+$/, '').split('/').at(-1)
  try {
    return last ? decodeURIComponent(last) : null
  } catch {
    return null
  }
}

/** `value` is null for a member that the service doesn't name in any way. */
const memberSchema = z
  .object({ value: idOrNone, $ref: z.string().nullish(), display: z.string().nullish() })
  .transform(({ value, $ref, display }) => ({ value: value ?? idInAddress($ref), display }))

export const scimGroupSchema = z.object({ id, members: z.array(memberSchema).nullish() })

const values = z.array(z.object({ value: idOrNone })).nullish()

/** An account with what it was given. */
export const scimGrantedSchema = z.object({ id, roles: values, entitlements: values })

/** RFC 7643 §3.1. */
export const scimVersionSchema = z.object({
  meta: z.object({ version: z.string().nullish() }).nullish(),
})

/**
 * RFC 7644 §3.4.2. `Resources` may be absent when there are none; without `totalResults` only an empty page tells the
 * end.
 */
export const listSchema = z
  .object({
    totalResults: z
      .union([
        z.int().min(0),
        z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
      ])
      .optional(),
    Resources: z.array(z.unknown()).nullish(),
  })
  .refine(({ totalResults, Resources }) => totalResults !== undefined || Array.isArray(Resources))
  .transform(({ totalResults, Resources }) => ({ totalResults, Resources: Resources ?? [] }))

/** RFC 7644 §3.12. */
export const scimErrorSchema = z.object({
  schemas: z.array(z.string()).refine((s) => s.includes(ERROR_SCHEMA)),
  scimType: z.string().nullish(),
  detail: z.string().nullish(),
})

const ERROR_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error'
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User'

/** A text inside a filter or a path: RFC 7644 §3.4.2.2 takes JSON's string rules. */
export const scimString = (text: string): string => JSON.stringify(text)

/** Multi-valued attributes that access is a value of. */
export type Grantable = 'members' | 'roles' | 'entitlements'

/** RFC 7644 §3.5.2.1: values are added to those that are there. */
export const addValues = (attribute: Grantable, values: readonly string[]): object => ({
  schemas: [PATCH_SCHEMA],
  Operations: [{ op: 'add', path: attribute, value: values.map((value) => ({ value })) }],
})

/** RFC 7644 §3.5.2.2: each value is named in a path; a value array beside it is no part of the standard. */
export const removeValues = (attribute: Grantable, values: readonly string[]): object => ({
  schemas: [PATCH_SCHEMA],
  Operations: values.map((value) => ({
    op: 'remove',
    path: `${attribute}[value eq ${scimString(value)}]`,
  })),
})

/** RFC 7643 §4.1. */
export const newUser = (subject: Access['subject']): object => {
  const { id, userName, displayName, email, givenName, familyName, employeeNumber } = subject
  const name = {
    ...(givenName ? { givenName } : {}),
    ...(familyName ? { familyName } : {}),
  }
  return {
    schemas: [USER_SCHEMA, ...(employeeNumber ? [ENTERPRISE] : [])],
    userName,
    externalId: subject.externalId || id,
    displayName,
    active: true,
    ...(Object.keys(name).length === 0 ? {} : { name }),
    ...(email === '' ? {} : { emails: [{ value: email, primary: true }] }),
    ...(employeeNumber ? { [ENTERPRISE]: { employeeNumber } } : {}),
  }
}
