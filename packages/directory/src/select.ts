import type { ExternalDirectory } from './directory.ts'

// What is selected of each kind, by the names that are answered.

export const PERSON = `p.id, p.user_name as "userName", p.display_name as "displayName", p.email, p.enabled,
  p.locale, p.zone, p.external_directory_id as "externalDirectoryId", p.directory_roles as "directoryRoles"`

export const RESOURCE = `r.id, r.kind, r.display_name as "displayName", r.description, r.connector,
  r.external_id as "externalId",
  coalesce((select json_agg(json_build_object('id', o.id, 'displayName', o.display_name, 'externalId', o.external_id)
      order by o.place, o.id)
    from portcullis_directory.resource_roles o where o.resource_id = r.id), '[]') as roles,
  array(select w.person_id from portcullis_directory.resource_owners w
    where w.resource_id = r.id order by w.person_id) as "ownerIds"`

export const EXTERNAL = `e.id, e.display_name as "displayName", e.initial_domain as "initialDomain",
  array(select d.domain from portcullis_directory.external_domains d
    where d.directory_id = e.id order by d.place, d.domain) as domains,
  e.allowed as flagged,
  coalesce((select restriction from portcullis_directory.collaboration), 'none') as restriction,
  (select min(l.domain) from portcullis_directory.external_domains d
     join portcullis_directory.collaboration_domains l on l.ascii = d.ascii
    where d.directory_id = e.id) as listed`

export interface ExternalRow extends Omit<ExternalDirectory, 'allowed' | 'refusedBecause'> {
  readonly flagged: boolean
  readonly restriction: 'none' | 'allowOnly' | 'deny'
  /** One of its domains that is on the list. */
  readonly listed: string | null
}

/** S8: a listed domain stands for the whole directory that has it. */
export const externalDirectory = ({
  flagged,
  restriction,
  listed,
  ...directory
}: ExternalRow): ExternalDirectory => {
  const refusedBecause = !flagged
    ? 'is marked as not allowed'
    : restriction === 'allowOnly' && listed === null
      ? 'has no domain on the list of those allowed'
      : restriction === 'deny' && listed !== null
        ? `has the domain ${listed}, which is denied`
        : null
  return { ...directory, allowed: refusedBecause === null, refusedBecause }
}
