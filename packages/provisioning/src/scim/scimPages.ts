import { readAs, type ScimHttp } from './scimHttp.ts'
import { listSchema } from './scimMessages.ts'

/** One page of accounts as they were answered, with the status of the answer for whoever reads them. */
export interface AccountPage {
  readonly status: number
  readonly accounts: readonly unknown[]
}

const PAGE = 200

/**
 * Accounts by a filter (RFC 7644 §3.4.2.4), page by page, until the service has no more.
 * @param failure what to throw for an exchange that failed
 * @throws the signal's reason
 */
export async function* accountPages(
  http: ScimHttp,
  { filter, attributes }: { readonly filter: string; readonly attributes: string },
  signal: AbortSignal,
  failure: (error: unknown) => unknown,
): AsyncGenerator<AccountPage, void> {
  for (let seen = 0; ; ) {
    signal.throwIfAborted()
    const query = new URLSearchParams({
      filter,
      attributes,
      startIndex: String(seen + 1),
      count: String(PAGE),
    })
    let answer: Awaited<ReturnType<ScimHttp>>
    try {
      answer = await http({ method: 'GET', path: `/Users?${query}`, signal })
    } catch (error) {
      throw failure(error)
    }
    const list = readAs(listSchema, answer)
    const accounts = list.Resources ?? []
    yield { status: answer.status, accounts }
    seen += accounts.length
    if (accounts.length === 0 || seen >= list.totalResults) return
  }
}
