import type { Instant, RecordedEvent } from '@portcullis/core'

/** A person as mails need them. */
export interface MailPerson {
  readonly id: string
  readonly displayName: string
  readonly email: string
  readonly enabled: boolean
  /** BCP 47; null: the organisation's. */
  readonly locale: string | null
  /** IANA zone; null: the organisation's. */
  readonly zone: string | null
}

/**
 * What is asked of the directory; `Directory` of @portcullis/directory is one. Unknown ids are simply not in the
 * answer.
 */
export interface MailDirectory {
  people(ids: readonly string[]): Promise<ReadonlyMap<string, MailPerson>>
  /** Enabled people who are in a group at a moment. */
  membersOf(groupId: string, at: Instant): Promise<readonly MailPerson[]>
  /** Enabled User administrators. */
  administrators(): Promise<readonly MailPerson[]>
  resources(ids: readonly string[]): Promise<
    ReadonlyMap<
      string,
      {
        readonly displayName: string
        readonly roles: readonly { readonly id: string; readonly displayName: string }[]
      }
    >
  >
}

/** Where mails get their facts from: the log and the directory, nothing else. */
export interface MailLookups {
  /** All events of a stream, as `EventStore.readStream` gives them. */
  history(stream: string): Promise<readonly RecordedEvent[]>
  readonly directory: MailDirectory
}
