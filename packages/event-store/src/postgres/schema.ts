import type { Migration } from '@portcullis/postgres'

/** The part's name in the table of migrations. */
export const PART = 'event-store'

/** Channel on which a store tells the others how far the log goes. */
export const CHANNEL = 'portcullis_events'

/**
 * `append` takes a whole group of appends, at most one for each stream, and gives the events positions without gaps. An
 * append of no stream expects -1.
 * An append whose stream is elsewhere is left out, and the others go through.
 *
 * Positions are given under a lock that is held until the transaction has committed and its rows can be seen, so that
 * nobody ever sees position n+1 before n. Each statement of a plpgsql function sees what is committed when that
 * statement begins: those after the lock see everything that the last holder wrote. The short way for a single event
 * (appendSession.ts) takes no lock: then the primary key is the judge, and the one who loses a position to it looks
 * again.
 */
const events = `
create schema portcullis_events;

create table portcullis_events.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision bigint not null,
  id uuid not null,
  type text collate "C" not null,
  data json not null,
  metadata json not null,
  recorded_at timestamptz not null default now(),
  unique (stream, revision)
);

create function portcullis_events.refuse_change() returns trigger language plpgsql as $body$
begin
  raise exception 'events are never changed or deleted (% of portcullis_events.events)', tg_op
    using errcode = 'restrict_violation';
end
$body$;

create trigger events_are_kept before update or delete or truncate on portcullis_events.events
  for each statement execute function portcullis_events.refuse_change();

create function portcullis_events.append(
  -- one entry an append
  append_streams text[], append_expected bigint[], append_counts int[],
  -- one entry an event; appends and places count from 1
  event_appends int[], event_places int[], event_streams text[], event_revisions bigint[], event_ids uuid[],
  event_types text[], event_data json[], event_metadata json[],
  -- position before the first event written
  out base bigint,
  -- null when every append went through; else each stream's last revision before, and for a repeat the position of its last event
  out actual bigint[], out repeated bigint[])
language plpgsql as $body$
declare
  matches boolean[];
begin
  perform pg_advisory_xact_lock(7274011003);
  loop
    base := coalesce((select e.position from portcullis_events.events e order by e.position desc limit 1), 0);
    begin
      if not exists (
        select from (select unnest(append_streams) as stream, unnest(append_expected) as expected) a
          where a.expected <> coalesce((select e.revision from portcullis_events.events e
            where e.stream = a.stream order by e.revision desc limit 1), -1))
      then
        insert into portcullis_events.events (position, stream, revision, id, type, data, metadata)
          select base + unnest(event_places), unnest(event_streams), unnest(event_revisions), unnest(event_ids),
            unnest(event_types), unnest(event_data), unnest(event_metadata);
        return;
      end if;
      actual := array(
        select coalesce((select e.revision from portcullis_events.events e
            where e.stream = a.stream order by e.revision desc limit 1), -1)
          from unnest(append_streams) with ordinality a (stream, number) order by a.number);
      matches := array(
        select a.actual = a.expected
          from unnest(actual, append_expected) with ordinality a (actual, expected, number) order by a.number);
      repeated := array(
        select case when count(e.position) = a.count then max(e.position) end
          from unnest(append_counts) with ordinality a (count, number)
          join unnest(event_appends, event_streams, event_revisions, event_ids) n (append, stream, revision, id)
            on n.append = a.number
          left join portcullis_events.events e
            on not matches[a.number] and e.stream = n.stream and e.revision = n.revision and e.id = n.id
          group by a.number, a.count order by a.number);
      insert into portcullis_events.events (position, stream, revision, id, type, data, metadata)
        select base + row_number() over (order by n.place), n.stream, n.revision, n.id, n.type, n.data, n.metadata
          from unnest(event_appends, event_places, event_streams, event_revisions, event_ids, event_types, event_data,
            event_metadata) n (append, place, stream, revision, id, type, data, metadata)
          where matches[n.append];
      return;
    exception when unique_violation then
      -- A single event, which takes no lock, was faster: look again at where everything is.
      actual := null;
      repeated := null;
    end;
  end loop;
end
$body$;
`

export const migrations: readonly Migration[] = [{ id: '0001-events', sql: events }]
