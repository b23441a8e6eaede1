import type { Request, Response } from 'express'

/** An answer as it goes over the wire. */
export interface ScimSaid {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON, or nothing. */
  readonly body: string
}

/** How a service says what SCIMMY would: what it answers instead. */
export type ScimWay = (said: ScimSaid, asked: { method: string; url: string }) => ScimSaid

/** Lets what is answered to this request be said in these ways, one after the other. */
export const spoken = (ways: readonly ScimWay[], request: Request, response: Response): void => {
  const asked = { method: request.method, url: request.originalUrl }
  response.send = (body?: unknown) => {
    const text =
      body === undefined || body === null
        ? ''
        : typeof body === 'string'
          ? body
          : JSON.stringify(body)
    const said = ways.reduce<ScimSaid>((before, way) => way(before, asked), {
      status: response.statusCode,
      headers: {},
      body: text,
    })
    response.status(said.status)
    for (const [name, value] of Object.entries(said.headers)) response.set(name, value)
    response.end(said.status === 204 ? '' : said.body)
    return response
  }
}

/** A way that changes each object of the answer, the innermost first. */
const eachObject =
  (change: (object: Readonly<Record<string, unknown>>) => object): ScimWay =>
  (said) => {
    if (said.body === '') return said
    const through = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(through)
      if (typeof value !== 'object' || value === null) return value
      return change(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, through(v)])))
    }
    return { ...said, body: JSON.stringify(through(JSON.parse(said.body))) }
  }

const without = (object: Readonly<Record<string, unknown>>, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const asNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value

/** Liberties that services take with RFC 7643 and RFC 7644, each separately; all of them mean what SCIMMY means. */
export const scimLiberties = {
  'ids are numbers': eachObject((object) => ({
    ...object,
    ...('id' in object ? { id: asNumber(object.id) } : {}),
    ...('value' in object ? { value: asNumber(object.value) } : {}),
  })),
  'names are in capitals': eachObject((object) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name.toUpperCase(), value])),
  ),
  'names are in small letters': eachObject((object) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value])),
  ),
  'a byte order mark comes first': (said) => ({ ...said, body: `\uFEFF${said.body}` }),
  'it is plain JSON': (said) => ({
    ...said,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  }),
  'numbers of lists are texts': eachObject((object) => ({
    ...object,
    ...('totalResults' in object ? { totalResults: String(object.totalResults) } : {}),
    ...('itemsPerPage' in object ? { itemsPerPage: String(object.itemsPerPage) } : {}),
  })),
  'lists are bare': eachObject((object) => {
    const bare = without(object, 'schemas', 'itemsPerPage', 'startIndex')
    return object.totalResults === 0 ? without(bare as typeof object, 'Resources') : bare
  }),
  'totals are left out': eachObject((object) => without(object, 'totalResults')),
  'active is a text': eachObject((object) => ({ ...object, active: 'True' })),
  'members are addresses': eachObject((object) =>
    Array.isArray(object.members)
      ? {
          ...object,
          members: object.members.map(({ value }) => ({ $ref: `../Users/${value}`, display: 'x' })),
        }
      : object,
  ),
  'a change is answered with nothing': (said, { method }) =>
    method === 'PATCH' && said.status === 200 ? { ...said, status: 204, body: '' } : said,
  'what was made is not shown': (said, { method }) =>
    method === 'POST' && said.status === 201 ? { ...said, body: '' } : said,
} satisfies Readonly<Record<string, ScimWay>>

const onGroups =
  (way: ScimWay): ScimWay =>
  (said, asked) =>
    asked.method === 'GET' && /\/Groups\b/.test(asked.url) ? way(said, asked) : said

const members =
  (change: (all: readonly unknown[]) => readonly unknown[] | undefined): ScimWay =>
  (said, asked) =>
    onGroups(
      eachObject((object) => {
        if (!Array.isArray(object.members)) return object
        const { members: all, ...rest } = object
        const shown = change(all as readonly unknown[])
        return shown === undefined ? rest : { ...rest, members: shown }
      }),
    )(said, asked)

const filtersMembers = (url: string): boolean => /filter=[^&]*members/.test(url)

const nothing: ScimSaid['body'] = JSON.stringify({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: 0,
})

/** Ways in which a service doesn't say who is in a group. */
export const scimSilences = {
  'lists nobody': members(() => []),
  'leaves members out': members(() => undefined),
  'lists the first three': members((all) => all.slice(0, 3)),
  'lists the first ten': members((all) => all.slice(0, 10)),
  'finds nobody by members': (said, { url }) =>
    filtersMembers(url) ? { ...said, status: 200, body: nothing } : said,
  'refuses to filter by members': (said, { url }) =>
    filtersMembers(url) ? { ...said, status: 400, body: '{"detail":"invalidFilter"}' } : said,
  'takes only "members eq"': (said, { url }) =>
    url.includes('members.value') ? { ...said, status: 400, body: '{}' } : said,
} satisfies Readonly<Record<string, ScimWay>>
