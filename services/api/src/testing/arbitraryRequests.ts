import type { Operation } from '@portcullis/api-contract'
import fc from 'fast-check'

export interface RawRequest {
  readonly path: string
  readonly search: string
  readonly headers: Readonly<Record<string, string>>
  readonly authorization: string
  readonly payload: string | undefined
}

/** A request that the operation takes: its example. */
export const validRequest = (operation: Operation): RawRequest => ({
  path: operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => validSegment(name)),
  search: '',
  headers: {},
  authorization: 'user alice',
  payload: JSON.stringify(operation.example.body ?? {}),
})

/** Requests near to what the operation takes, and far from it. */
export const arbitraryRequest = (operation: Operation): fc.Arbitrary<RawRequest> =>
  fc.record({
    path: pathOf(operation),
    search: searchOf(operation),
    headers,
    authorization: fc.constantFrom('user alice', 'service hr'),
    payload: fc.option(
      fc.oneof(
        {
          weight: 6,
          arbitrary: mutated(operation.example.body ?? {}).map((body) => JSON.stringify(body)),
        },
        { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constantFrom(...RAW_BODIES)) },
      ),
      { nil: undefined },
    ),
  })

const RAW_BODIES = [
  'null',
  '[]',
  '1e400',
  '{"displayName":1e400}',
  '{"displayName":"\\ud800"}',
  '\ufeff{}',
  '{',
  '',
]

/** Values that have broken something somewhere. */
const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u2028',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    "'; drop table x; --",
    -1,
    0,
    2 ** 53,
    1.5,
    true,
    [],
    {},
    [[]],
    '9999-12-31T23:59:59.999-23:59',
    '9999-12-31',
    '0000-01-01',
    'x'.repeat(10_001),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
)

/** The example with values somewhere in it replaced, removed or added. */
const mutated = (example: unknown): fc.Arbitrary<unknown> => {
  if (Array.isArray(example)) {
    const items = example.map((item) => fc.oneof(fc.constant(item), mutated(item)))
    return fc.oneof(nasty, fc.tuple(...items), fc.constant([...example, ...example]))
  }
  if (typeof example !== 'object' || example === null) {
    return fc.oneof(fc.constant(example), nasty)
  }
  const fields = Object.entries(example).map(([key, value]) => [
    key,
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(value) },
      { weight: 1, arbitrary: mutated(value) },
    ),
  ])
  const known = fc.record(Object.fromEntries(fields), { requiredKeys: [] })
  const unknown = fc.option(fc.dictionary(fc.string(), nasty, { maxKeys: 1 }), {
    nil: {},
    freq: 6,
  })
  return fc.oneof(
    { weight: 1, arbitrary: nasty },
    { weight: 8, arbitrary: fc.tuple(known, unknown).map((parts) => Object.assign({}, ...parts)) },
  )
}

/** A path parameter that the operations take. */
export const validSegment = (name: string): string => SEGMENTS[name] ?? 'x'

const SEGMENTS: Readonly<Record<string, string>> = {
  requestId: 'a.b.r1',
  assignmentId: 'a.b.a1',
  scanId: '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11',
  fulfilmentId: 'a.b.c.3f0a1c52-7b60-4a39-9f07-54a1f6a0c001',
}

const pathOf = (operation: Operation): fc.Arbitrary<string> => {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  const segment = (name: string) =>
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(validSegment(name)) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).map(encodeURIComponent) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('%', '%00', '%ff', '.', '..', '%2f', 'a'.repeat(300)),
      },
    )
  return fc
    .tuple(...names.map(segment))
    .map((segments) =>
      names.reduce(
        (path, name, at) => path.replace(`{${name}}`, () => segments[at] ?? ''),
        operation.path,
      ),
    )
}

const PARAMETERS = [
  ...['atLeast', 'limit', 'cursor', 'status'],
  ...['packageId', 'subjectId', 'catalogId', 'waitingForMe'],
]

const searchOf = (operation: Operation): fc.Arbitrary<string> => {
  if (operation.method !== 'GET') return fc.constant('')
  const name = fc.oneof(fc.constantFrom(...PARAMETERS), fc.string().map(encodeURIComponent))
  const value = fc.oneof(
    fc.constantFrom('1', '0', '-1', 'true', 'Denied', 'Expired', 'x'),
    fc.constantFrom('%', '%zz', '&', '=', '[]', '[a]=1', '9'.repeat(19), '1'.repeat(20)),
    fc.string().map(encodeURIComponent),
  )
  const pair = fc.tuple(name, value).map((parts) => parts.join('='))
  return fc
    .array(pair, { maxLength: 4 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`))
}

/** A header's value in characters that Node lets through. */
const headerText = fc.string().map((text) => text.replaceAll(/[^\x20-\x7e]/g, ''))

const headers: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      'idempotency-key': fc.oneof(fc.uuid(), headerText),
      'portcullis-at-least': fc.oneof(fc.nat().map(String), headerText),
      'x-request-id': headerText,
      'content-type': fc.constantFrom('application/json', 'application/json; charset=x', 'a/b', ''),
    },
    { requiredKeys: [] },
  )
  .map((some) =>
    Object.fromEntries(Object.entries(some).map(([name, value]) => [name, `${value}`])),
  )
