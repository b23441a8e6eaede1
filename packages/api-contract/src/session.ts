import { z } from 'zod'
import { meSchema } from './engineOperations.ts'
import { instantSchema } from './primitives.ts'

/** Where a page of the portal asks who is signed in. Beside the operations: programs have tokens, and no use for it. */
export const SESSION_PATH = '/auth/session'
/**
 * Header by which a page of the portal proves that it is one, with what `/auth/session` gave it; in every request but
 * GET and HEAD.
 */
export const CSRF_HEADER = 'X-Portcullis-CSRF'
/** Code of the refusal of a request whose {@link CSRF_HEADER} isn't that of the session (any more). */
export const CSRF_REFUSED = 'authentication.csrf'

export const sessionSchema = z.object({
  id: z.uuid(),
  current: z.boolean().describe('Whether it is the one that asks.'),
  issuer: z.string().describe('Who vouched for the person.'),
  startedAt: instantSchema,
  seenAt: instantSchema.describe('Used last; up to a minute old.'),
  idleUntil: instantSchema.describe('It ends then, unless it is used before.'),
  endsAt: instantSchema.describe('It ends then, whatever happens.'),
  authTime: instantSchema.nullable().describe('When the person proved to the issuer who they are.'),
  acr: z.string().nullable().describe('How strongly, in the issuer’s words.'),
  userAgent: z.string().describe('The browser, in its own words.'),
})

/** `GET /auth/session`: who is signed in here. */
export const sessionAnswerSchema = z.object({
  me: meSchema,
  session: sessionSchema,
  csrfToken: z.string(),
})

/** `GET /auth/sessions`: where somebody is signed in. */
export const sessionListSchema = z.object({ items: z.array(sessionSchema) })

/**
 * `GET /auth/identities?personId=`: which accounts of the identity provider are a person's; for User administrators.
 */
export const identitySchema = z.object({
  id: z.uuid(),
  personId: z.string(),
  issuer: z.string(),
  subject: z.string().describe('The account, as the issuer names it (`sub`).'),
  linkedAt: instantSchema,
  linkedBy: z.string().describe('What found the person then: `oid:objectId`.'),
})
export type IdentityView = Readonly<z.output<typeof identitySchema>>

/** `POST /auth/sign-out`: where the browser goes to sign out at the issuer too; null where that has no such page. */
export const signOutAnswerSchema = z.object({ endSession: z.string().nullable() })

export type SessionView = z.output<typeof sessionSchema>
export type SessionAnswer = z.output<typeof sessionAnswerSchema>
