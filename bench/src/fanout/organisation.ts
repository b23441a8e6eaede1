import { randomUUID } from 'node:crypto'
import { exampleTerms } from '@portcullis/domain/testing'
import type { OutsideCommand } from '@portcullis/engine'
import type { Runtime } from '@portcullis/runtime'

export const CONNECTOR = 'memory'
/** The package whose roles change, and what everybody has of it before and after. */
export const PACKAGE = 'tools'
export const FIRST_ROLE = { resourceId: 'wiki', roleId: 'editor' } as const
export const ADDED_ROLE = { resourceId: 'chat', roleId: 'member' } as const
/** The package that people ask for meanwhile. */
export const ORDINARY_PACKAGE = 'calendar'
const ORDINARY_ROLE = { resourceId: 'calendar', roleId: 'member' } as const

const ADMINISTRATOR = 'admin'
/** Whose way everybody else is a copy of. */
export const PATTERN = 'person-0'
export const askerId = (number: number): string => `asker-${number}`

export const as = async (
  { application }: Runtime,
  by: string,
  command: OutsideCommand,
): Promise<bigint> => {
  const answer = await application.execute(command, {
    commandId: randomUUID(),
    caller: { actor: { kind: 'user', id: by }, directoryRoles: [] },
  })
  if (!answer.ok) throw new Error(answer.refusal.message)
  return answer.position
}
export const asAdministrator = (runtime: Runtime, command: OutsideCommand): Promise<bigint> =>
  as(runtime, ADMINISTRATOR, command)

/**
 * Fills the directory with so many people, all of whom may ask for everything without approval, and creates the
 * packages.
 */
export const settle = async (runtime: Runtime, people: number, askers: number): Promise<void> => {
  const { pool } = runtime
  const add = (prefix: string, last: number) =>
    pool.query(
      `insert into portcullis_directory.people (id, user_name, display_name, email, enabled, locale, directory_roles)
        select id, id, 'Name of ' || id, id || '@example.com', true, 'en', '{}'
        from (select '${prefix}' || i as id from generate_series(0, ${last}) i) ids`,
    )
  await pool.query(`insert into portcullis_directory.groups (id, display_name) values ('eng', 'Everybody');
    insert into portcullis_directory.people (id, user_name, display_name, email, enabled, locale, directory_roles)
      values ('${ADMINISTRATOR}', 'admin', 'Admin', 'admin@example.com', true, 'en', '{UserAdministrator}')`)
  await add('person-', people - 1)
  await add('asker-', askers - 1)
  await pool.query(`insert into portcullis_directory.memberships (group_id, person_id)
    select 'eng', id from portcullis_directory.people`)
  for (const { resourceId, roleId } of [FIRST_ROLE, ADDED_ROLE, ORDINARY_ROLE])
    await pool.query(`insert into portcullis_directory.resources (id, kind, display_name, description, connector, external_id)
        values ('${resourceId}', 'application', '${resourceId}', '', '${CONNECTOR}', '${resourceId}');
      insert into portcullis_directory.resource_roles (resource_id, id, display_name, external_id, place)
        values ('${resourceId}', '${roleId}', '${roleId}', '', 0)`)
  for (const { resourceId } of [FIRST_ROLE, ADDED_ROLE, ORDINARY_ROLE])
    await asAdministrator(runtime, { type: 'AddResource', catalogId: 'default', resourceId })
  const terms = exampleTerms({ approval: { required: false }, expiration: { kind: 'never' } })
  for (const [packageId, role] of [
    [PACKAGE, FIRST_ROLE],
    [ORDINARY_PACKAGE, ORDINARY_ROLE],
  ] as const)
    await asAdministrator(runtime, {
      type: 'CreateAccessPackage',
      packageId,
      catalogId: 'default',
      displayName: packageId,
      description: '',
      hidden: false,
      resourceRoles: [role],
      policies: [{ policyId: 'standard', enabled: true, terms }],
    })
}

export const ask = (runtime: Runtime, packageId: string, subjectId: string): Promise<bigint> =>
  as(runtime, subjectId, {
    type: 'SubmitRequest',
    packageId,
    subjectId,
    policyId: null,
    justification: null,
  })

/**
 * Writes the pattern's streams again for everybody else, as if they had asked and got it, and brings the views up to
 * them.
 * The reactors don't see them: nobody gets mails or jobs of it.
 */
export const copyPattern = async (runtime: Runtime, people: number): Promise<void> => {
  const { pool, projections, store } = runtime
  const rename = (column: string) => `replace(e.${column}::text, '${PATTERN}', 'person-' || i)`
  await pool.query(`insert into portcullis_events.events (position, stream, revision, id, type, data, metadata)
    select (select max(position) from portcullis_events.events) + row_number() over (order by i, e.position),
      ${rename('stream')}, e.revision, gen_random_uuid(), e.type, ${rename('data')}::json, e.metadata
    from generate_series(1, ${people - 1}) i cross join portcullis_events.events e
    where e.stream in ('entitlement-${PACKAGE}.${PATTERN}', 'grant-${FIRST_ROLE.resourceId}.${FIRST_ROLE.roleId}.${PATTERN}')`)
  await pool.query(`insert into portcullis_mail.outbox (id, key, kind, recipient_id, event_id, stream, revision, at, status, due_at, attempts, reply, updated_at)
    select gen_random_uuid(), ${rename('key')}, kind, 'person-' || i, gen_random_uuid(), ${rename('stream')}, revision, at, 'accepted', null, 1, null, updated_at
    from generate_series(1, ${people - 1}) i cross join portcullis_mail.outbox e where recipient_id = '${PATTERN}'`)
  await pool.query(`update portcullis.subscription_checkpoints
    set position = (select max(position) from portcullis_events.events) where name like 'reactor:%'`)
  const stop = new AbortController()
  const running = projections.run(stop.signal)
  if (!(await projections.waitFor(await store.head(), 600_000)))
    throw new Error('the views are too slow')
  stop.abort()
  await running
  await pool.query('vacuum analyze')
}
