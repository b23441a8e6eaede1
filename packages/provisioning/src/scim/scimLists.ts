import { z } from 'zod'
import { ConnectorError } from '../connector.ts'
import { readAs, type ScimHttp } from './scimHttp.ts'
import { listSchema, scimUserSchema } from './scimMessages.ts'

/** One page of a list as it was answered, with the status of the answer for anybody who reads it. */
export interface ListPage {
  readonly status: number
  readonly resources: readonly unknown[]
  /** How many there are in all, by this answer; undefined where the service doesn't say. */
  readonly total: number | undefined
}

export interface ListQuery {
  readonly of: 'Users' | 'Groups'
  /** Absent: all of them. */
  readonly filter?: string | undefined
  readonly attributes: string
  /** In one page, if the service likes: it may give fewer. */
  readonly count: number
}

/**
 * Resources, by a filter or all (RFC 7644 §3.4.2.4), page by page, until the service has no more. How long a page is,
 * is the service's choice.
 * @throws ConnectorError `scim.list-incomplete` when a page brings nothing new though there is to be more: who isn't in
 *   such a list may be there all the same; `scim.not-scim`, what the exchange throws, and the signal's reason
 */
export async function* listPages(
  http: ScimHttp,
  { of, filter, attributes, count }: ListQuery,
  signal: AbortSignal,
): AsyncGenerator<ListPage, void> {
  const seen = new Set<string>()
  for (;;) {
    signal.throwIfAborted()
    const query = new URLSearchParams({
      ...(filter === undefined ? {} : { filter }),
      attributes,
      startIndex: String(seen.size + 1),
      count: String(count),
    })
    const answer = await http({ method: 'GET', path: `/${of}?${query}`, signal })
    const { totalResults: total, Resources: resources } = readAs(listSchema, answer)
    const before = seen.size
    for (const body of resources) seen.add(readAs(withId, { status: answer.status, body }).id)
    yield { status: answer.status, resources, total }
    if (total !== undefined && seen.size >= total) return
    if (seen.size > before) continue
    if (total === undefined) return
    throw new ConnectorError(
      'scim.list-incomplete',
      `the target says that ${total} ${of} match, and lists ${seen.size}; what it doesn't list isn't taken for absent`,
      { transient: true },
    )
  }
}

const withId = z.object({ id: scimUserSchema.shape.id })

/** The same pages; what is thrown in between becomes what `failure` makes of it. */
export async function* failingAs<Page>(
  failure: (error: unknown) => unknown,
  pages: AsyncIterable<Page>,
): AsyncGenerator<Page, void> {
  try {
    yield* pages
  } catch (error) {
    throw failure(error)
  }
}
