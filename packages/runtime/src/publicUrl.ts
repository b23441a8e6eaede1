/** What of the configuration says where the API and the portal are reached. */
interface Reached {
  readonly publicUrl: string | undefined
  readonly host: string
  readonly port: number
}

/** The address that mails and answers name, without a slash at the end. */
export const publicUrlOf = ({ publicUrl, host, port }: Reached): string =>
  (publicUrl ?? `http://${host}:${port}`).replace(/\/$/, '')
