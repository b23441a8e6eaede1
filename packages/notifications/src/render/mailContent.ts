/** A mail's words, before they are text or HTML. Every string is plain text. */
export interface MailContent {
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** Name and value, one a line. */
  readonly details: readonly (readonly [label: string, value: string])[]
  /** What somebody wrote, shown as theirs. */
  readonly quotes: readonly { readonly label: string; readonly text: string }[]
  readonly actions: readonly { readonly label: string; readonly command: string }[]
  /** Why the recipient gets this. */
  readonly reason: string
}
