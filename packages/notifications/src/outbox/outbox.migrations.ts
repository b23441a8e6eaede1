import type { Migration } from '@portcullis/postgres'

export const outboxMigrations: readonly Migration[] = [
  {
    id: '0001-outbox',
    // due_at: queued, not before then; sending, the claim is void from then on. So one index answers "what has to be done now".
    sql: `
      create schema portcullis_mail;
      create table portcullis_mail.outbox (
        id uuid primary key,
        key text not null unique,
        kind text not null,
        recipient_id text not null,
        event_id uuid not null,
        stream text not null,
        revision bigint not null,
        at timestamptz not null,
        status text not null check (status in ('queued', 'sending', 'accepted', 'refused')),
        due_at timestamptz,
        attempts integer not null default 0,
        reply text,
        updated_at timestamptz not null,
        check ((due_at is null) = (status in ('accepted', 'refused')))
      );
      create index outbox_due on portcullis_mail.outbox (due_at) where due_at is not null;
      create index outbox_recipient on portcullis_mail.outbox (recipient_id, at desc);
      create index outbox_event on portcullis_mail.outbox (event_id);`,
  },
]
