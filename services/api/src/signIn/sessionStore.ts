import { hash, randomBytes, randomUUID } from 'node:crypto'
import { addMillis, type Clock, type Instant } from '@portcullis/core'
import type pg from 'pg'
import type { Session } from './session.ts'
import { createSessionCache } from './sessionCache.ts'

export interface NewSession
  extends Pick<
    Session,
    'personId' | 'issuer' | 'subject' | 'authTime' | 'acr' | 'amr' | 'userAgent'
  > {
  /** The issuer's name of its own session, where it has said one. */
  readonly sid: string | null
  /** Encrypted; for the sign-out at the issuer. */
  readonly idToken: string | null
}

export interface IssuerOrder {
  readonly issuer: string
  readonly which: { readonly sid: string } | { readonly subject: string }
  /** Tells it from other orders. */
  readonly key: string
  /** When it needn't be remembered any more. */
  readonly until: Instant
}

export interface SessionLimits {
  readonly idleMillis: number
  readonly absoluteMillis: number
}

/** The sessions of all processes, in PostgreSQL. */
export interface SessionStore {
  /** @returns the secret that the browser gets, 256 random bits; it is kept nowhere */
  begin(started: NewSession): Promise<{ readonly secret: string; readonly session: Session }>
  /** The session of a secret, if it goes on; being found puts off its idle end. */
  find(secret: string): Promise<Session | undefined>
  /** Those that go on, the one used last first. */
  ofPerson(personId: string): Promise<readonly Session[]>
  /** The encrypted id token of its beginning. */
  idTokenOf(id: string): Promise<string | null>
  /** @param personId only if it is theirs. @returns whether there was one */
  end(id: string, personId?: string): Promise<boolean>
  /** @returns how many there were */
  endOfPerson(personId: string): Promise<number>
  /**
   * Carries out an order of an issuer, once: ends those of its session, or all of its subject.
   * @returns how many there were; undefined when the order came before
   */
  endByOrder(order: IssuerOrder): Promise<number | undefined>
  /** Deletes those that are over. @returns how many there were */
  sweep(): Promise<number>
}

/** Sessions of one person at a time; with one more the one used least lately ends. */
export const MOST_SESSIONS = 50
/** How long a session's use may go unwritten, milliseconds. */
const SEEN_EVERY_MILLIS = 60_000
const MOST_USER_AGENT = 200

const COLUMNS = `id, secret_hash as "secretHash", person_id as "personId", issuer, subject, started_at as "startedAt", seen_at as "seenAt",
  idle_until as "idleUntil", ends_at as "endsAt", auth_time as "authTime", acr, amr, user_agent as "userAgent"`

/** The tables are made by `migrateSignIn`. */
export const createSessionStore = (
  pool: pg.Pool,
  clock: Clock,
  limits: SessionLimits,
): SessionStore => {
  const cache = createSessionCache(clock)
  const idleEnd = (now: Instant, endsAt: Instant): Instant => {
    const idle = addMillis(now, limits.idleMillis)
    return idle < endsAt ? idle : endsAt
  }
  const goesOn = ({ idleUntil, endsAt }: Session, now: Instant): boolean =>
    now < idleUntil && now < endsAt

  const read = async (secretHash: string): Promise<Session | undefined> => {
    const { rows } = await pool.query<Session>(
      `select ${COLUMNS} from portcullis_sign_in.sessions where secret_hash = $1`,
      [secretHash],
    )
    const [session] = rows
    const now = clock.now()
    if (session === undefined || !goesOn(session, now)) return undefined
    if (now < addMillis(session.seenAt, SEEN_EVERY_MILLIS)) return session
    const idleUntil = idleEnd(now, session.endsAt)
    await pool.query(
      `update portcullis_sign_in.sessions set seen_at = $2, idle_until = $3 where secret_hash = $1 and seen_at < $2`,
      [secretHash, now, idleUntil],
    )
    return { ...session, seenAt: now, idleUntil }
  }

  const remove = async (where: string, values: readonly unknown[]): Promise<number> => {
    const { rowCount } = await pool.query(
      `delete from portcullis_sign_in.sessions where ${where}`,
      [...values],
    )
    return rowCount ?? 0
  }
  const end = async (where: string, values: readonly unknown[]): Promise<number> => {
    const ended = await remove(where, values)
    // After the rows are gone, and also where another process was first: what is read from now on finds them no more.
    cache.clear()
    return ended
  }

  return {
    begin: async ({ sid, idToken, ...started }) => {
      const secret = randomBytes(32).toString('base64url')
      const now = clock.now()
      const endsAt = addMillis(now, limits.absoluteMillis)
      const session: Session = {
        ...started,
        id: randomUUID(),
        secretHash: hashOf(secret),
        startedAt: now,
        seenAt: now,
        idleUntil: idleEnd(now, endsAt),
        endsAt,
        userAgent: started.userAgent.slice(0, MOST_USER_AGENT),
      }
      await pool.query(
        `insert into portcullis_sign_in.sessions
           (secret_hash, id, person_id, issuer, subject, sid, started_at, seen_at, idle_until, ends_at, auth_time, acr, amr, user_agent, id_token)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
        [
          session.secretHash,
          session.id,
          session.personId,
          session.issuer,
          session.subject,
          sid,
          session.startedAt,
          session.seenAt,
          session.idleUntil,
          session.endsAt,
          session.authTime,
          session.acr,
          session.amr,
          session.userAgent,
          idToken,
        ],
      )
      await remove(
        `secret_hash in (select secret_hash from portcullis_sign_in.sessions
            where person_id = $1 and secret_hash <> $2 order by seen_at desc, id offset $3)`,
        [session.personId, session.secretHash, MOST_SESSIONS - 1],
      )
      return { secret, session }
    },
    find: async (secret) => {
      if (!SECRET.test(secret)) return undefined
      const session = await cache.find(hashOf(secret), read)
      return session !== undefined && goesOn(session, clock.now()) ? session : undefined
    },
    ofPerson: async (personId) => {
      const { rows } = await pool.query<Session>(
        `select ${COLUMNS} from portcullis_sign_in.sessions where person_id = $1 and idle_until > $2 order by seen_at desc, id`,
        [personId, clock.now()],
      )
      return rows
    },
    idTokenOf: async (id) => {
      const { rows } = await pool.query<{ readonly token: string | null }>(
        'select id_token as token from portcullis_sign_in.sessions where id = $1',
        [id],
      )
      return rows[0]?.token ?? null
    },
    end: async (id, personId) =>
      (await end('id = $1 and ($2::text is null or person_id = $2)', [id, personId ?? null])) > 0,
    endOfPerson: (personId) => end('person_id = $1', [personId]),
    endByOrder: async ({ issuer, which, key, until }) => {
      // In one statement: an order that was noted and not carried out would be refused when it comes again.
      const { rows } = await pool.query<{ readonly first: number; readonly ended: number }>(
        `with noted as (
           insert into portcullis_sign_in.used (kind, key, until) values ('logout', $1, $2) on conflict do nothing returning 1),
         gone as (
           delete from portcullis_sign_in.sessions
            where issuer = $3 and ${'sid' in which ? 'sid' : 'subject'} = $4 and exists (select 1 from noted) returning 1)
         select (select count(*) from noted)::int as first, (select count(*) from gone)::int as ended`,
        [hashOf(key), until, issuer, 'sid' in which ? which.sid : which.subject],
      )
      cache.clear()
      const [row] = rows
      return row?.first === 1 ? row.ended : undefined
    },
    sweep: () => remove('idle_until <= $1', [clock.now()]),
  }
}

const SECRET = /^[A-Za-z0-9_-]{43}$/
const hashOf = (secret: string): string => hash('sha256', secret, 'base64url')
