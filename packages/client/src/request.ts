import type { Operation } from '@portcullis/api-contract'

/** A call as it goes over the wire, but for the token. */
export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Puts each field where the operation wants it: in the path where its template names the field, else in the query
 * string of a GET, else in the body.
 * @param base the API's address, without a slash at the end
 * @throws TypeError when a field of the path is missing
 */
export const wireRequest = (
  base: string,
  { path, method, kind, id }: Operation,
  fields: Fields,
  commandId: string | undefined,
): WireRequest => {
  const { atLeast, ...rest } = fields
  const left = new Map(Object.entries(kind === 'command' ? fields : rest))
  const address = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = left.get(name)
    left.delete(name)
    if (typeof value !== 'string') throw new TypeError(`${id}: ${name} is required, a text`)
    return encodeURIComponent(value)
  })
  const search = method === 'GET' ? searchOf(left) : ''
  const body =
    method === 'GET' || left.size === 0 ? undefined : JSON.stringify(Object.fromEntries(left))
  return {
    method,
    url: `${base}${address}${search}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(commandId === undefined ? {} : { 'idempotency-key': commandId }),
      ...(kind === 'command' || typeof atLeast !== 'string'
        ? {}
        : { 'portcullis-at-least': atLeast }),
    },
    body,
  }
}

const searchOf = (fields: ReadonlyMap<string, unknown>): string => {
  const search = new URLSearchParams()
  for (const [name, value] of fields) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    for (const each of values)
      if (each !== undefined && each !== null) search.append(name, String(each))
  }
  return search.size === 0 ? '' : `?${search}`
}
