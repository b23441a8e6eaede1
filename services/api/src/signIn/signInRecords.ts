import { hash } from 'node:crypto'
import type { Instant } from '@portcullis/core'
import type pg from 'pg'

/** An account at an issuer that belongs to a person. */
export interface IdentityLink {
  readonly id: string
  readonly personId: string
  readonly issuer: string
  readonly subject: string
  readonly linkedAt: Instant
  /** The claim that found the person then, and what of them it was: `oid:objectId`. */
  readonly linkedBy: string
}

/** What sign-ins leave behind: which account is whose, and what must not come twice. */
export interface SignInRecords {
  /** @returns whether it is the first time. @param until when it may be forgotten */
  firstUse(kind: 'state', key: string, until: Instant): Promise<boolean>
  personOf(issuer: string, subject: string): Promise<string | undefined>
  linksOf(personId: string): Promise<readonly IdentityLink[]>
  /**
   * Links an account to a person for good. One that is linked already stays where it is.
   * @param onlyFirst not to a person who has another account at this issuer
   * @returns whose it is now; undefined when it wasn't linked
   */
  link(
    link: Omit<IdentityLink, 'id'>,
    options: { readonly onlyFirst: boolean },
  ): Promise<string | undefined>
  /** @returns whose it was */
  unlink(id: string): Promise<IdentityLink | undefined>
  /** Forgets what needn't be known any more. */
  sweep(now: Instant): Promise<void>
}

const LINK = `id, person_id as "personId", issuer, subject, linked_at as "linkedAt", linked_by as "linkedBy"`

export const createSignInRecords = (pool: pg.Pool): SignInRecords => ({
  firstUse: async (kind, key, until) => {
    const { rowCount } = await pool.query(
      'insert into portcullis_sign_in.used (kind, key, until) values ($1, $2, $3) on conflict do nothing',
      [kind, hash('sha256', key, 'base64url'), until],
    )
    return rowCount === 1
  },
  personOf: async (issuer, subject) => {
    const { rows } = await pool.query<{ readonly person: string }>(
      'select person_id as person from portcullis_sign_in.identities where issuer = $1 and subject = $2',
      [issuer, subject],
    )
    return rows[0]?.person
  },
  linksOf: async (personId) => {
    const { rows } = await pool.query<IdentityLink>(
      `select ${LINK} from portcullis_sign_in.identities where person_id = $1 order by linked_at, id`,
      [personId],
    )
    return rows
  },
  link: async ({ personId, issuer, subject, linkedAt, linkedBy }, { onlyFirst }) => {
    // `first_of` is unique for an issuer and person: of two accounts that find a person by a name at one moment, one is
    // theirs.
    await pool.query(
      `insert into portcullis_sign_in.identities (id, issuer, subject, person_id, linked_at, linked_by, first_of)
       select gen_random_uuid(), $1, $2, $3, $4, $5, $6
        where $6::text is null or not exists
          (select 1 from portcullis_sign_in.identities where issuer = $1 and person_id = $3)
       on conflict do nothing`,
      [issuer, subject, personId, linkedAt, linkedBy, onlyFirst ? personId : null],
    )
    const { rows } = await pool.query<{ readonly person: string }>(
      'select person_id as person from portcullis_sign_in.identities where issuer = $1 and subject = $2',
      [issuer, subject],
    )
    return rows[0]?.person
  },
  unlink: async (id) => {
    const { rows } = await pool.query<IdentityLink>(
      `delete from portcullis_sign_in.identities where id = $1 returning ${LINK}`,
      [id],
    )
    return rows[0]
  },
  sweep: async (now) => {
    await pool.query('delete from portcullis_sign_in.used where until <= $1', [now])
  },
})
