/** A piece of a mail, before it is text or HTML. Every string is plain text, fit for a mail. */
export type Block =
  | { readonly kind: 'heading' | 'paragraph'; readonly text: string }
  /** Labels and values, one a line; `width`: of the longest label. */
  | {
      readonly kind: 'rows'
      readonly rows: readonly { readonly label: string; readonly value: string }[]
      readonly width: number
    }
  /** `quote`: what somebody wrote, shown as theirs; `command`: something to copy into a shell. */
  | {
      readonly kind: 'quote' | 'command'
      readonly label: string
      readonly lines: readonly string[]
    }

/** A mail's words in one language: what the layouts make text and HTML of. */
export interface MailWords {
  /** One line of at most 200 characters. */
  readonly subject: string
  readonly greeting: string
  readonly blocks: readonly Block[]
  /** Why the recipient gets this. */
  readonly reason: string
  /** Who sends it. */
  readonly sender: string
  /** BCP 47, of the words. */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
}
