import { z } from 'zod'

// Only what is needed of RFC 7643 and RFC 7644; everything else in an answer is passed over.
const id = z.string().min(1)

export const scimUserSchema = z.object({
  id,
  userName: z.string().optional(),
  externalId: z.string().nullish(),
  emails: z.array(z.object({ value: z.string().nullish() })).nullish(),
})
export type ScimUser = z.infer<typeof scimUserSchema>

export const scimGroupSchema = z.object({
  id,
  members: z.array(z.object({ value: z.string() })).nullish(),
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

/** RFC 7644 §3.5.2.1. */
export const addMember = (userId: string): object => ({
  schemas: [PATCH_SCHEMA],
  Operations: [{ op: 'add', path: 'members', value: [{ value: userId }] }],
})

/** RFC 7644 §3.5.2.2: the member is named in the path; a value array beside it is no part of the standard. */
export const removeMember = (userId: string): object => ({
  schemas: [PATCH_SCHEMA],
  Operations: [{ op: 'remove', path: `members[value eq ${scimString(userId)}]` }],
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
