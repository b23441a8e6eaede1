import { z } from 'zod'

// Only what is needed of RFC 7643 and RFC 7644; everything else in an answer is passed over.
const id = z.string().min(1)

export const scimUserSchema = z.object({
  id,
  userName: z.string().optional(),
  externalId: z.string().nullish(),
  emails: z.array(z.object({ value: z.string().nullish() })).nullish(),
  groups: z.array(z.object({ value: z.string().nullish(), type: z.string().nullish() })).nullish(),
})
export type ScimUser = z.infer<typeof scimUserSchema>

export const scimGroupSchema = z.object({
  id,
  members: z.array(z.object({ value: z.string(), display: z.string().nullish() })).nullish(),
})

const values = z.array(z.object({ value: z.string().nullish() })).nullish()

/** An account with what it was given. */
export const scimGrantedSchema = z.object({ id, roles: values, entitlements: values })

/** RFC 7643 §3.1. */
export const scimVersionSchema = z.object({
  meta: z.object({ version: z.string().nullish() }).nullish(),
})

/** RFC 7644 §3.4.2. `Resources` may be absent when there are none. */
export const listSchema = z.object({
  totalResults: z.int().min(0),
  itemsPerPage: z.int().optional(),
  Resources: z.array(z.unknown()).nullish(),
})

/** RFC 7644 §3.12. */
export const scimErrorSchema = z.object({
  schemas: z.array(z.string()).refine((s) => s.includes(ERROR_SCHEMA)),
  scimType: z.string().optional(),
  detail: z.string().optional(),
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
export const newUser = (subject: {
  readonly id: string
  readonly userName: string
  readonly email: string
  readonly displayName: string
}): object => ({
  schemas: [USER_SCHEMA],
  userName: subject.userName,
  externalId: subject.id,
  displayName: subject.displayName,
  active: true,
  ...(subject.email === '' ? {} : { emails: [{ value: subject.email, primary: true }] }),
})
