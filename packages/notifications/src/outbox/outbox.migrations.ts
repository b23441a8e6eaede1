import type { Migration } from '@portcullis/postgres'

export const outboxMigrations: readonly Migration[] = [
  {
    id: '0001-outbox',
    // due_at: queued, not before then; sending, the claim is void from then on. So one index answers "what has to be
    // done now".
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
  {
    id: '0002-digests',
    // digest_id: the mail that this one was gathered into; that one's Message-ID, status and tries count for it too.
    sql: `
      alter table portcullis_mail.outbox add column digest_id uuid;
      alter table portcullis_mail.outbox drop constraint outbox_status_check;
      alter table portcullis_mail.outbox drop constraint outbox_check;
      alter table portcullis_mail.outbox
        add constraint outbox_status_check check (status in ('queued', 'sending', 'accepted', 'refused', 'withdrawn')),
        add constraint outbox_check check ((due_at is null) = (status in ('accepted', 'refused', 'withdrawn')));
      create index outbox_digest on portcullis_mail.outbox (digest_id) where digest_id is not null;
      create index outbox_waiting on portcullis_mail.outbox (recipient_id) where status = 'queued';
      drop index portcullis_mail.outbox_due;
      create index outbox_due on portcullis_mail.outbox (due_at) where due_at is not null and digest_id is null;`,
  },
]
