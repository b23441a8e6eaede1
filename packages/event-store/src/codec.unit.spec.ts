import type { NewEvent } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createCodec } from './codec.ts'

const metadata = {
  commandId: 'c1',
  correlationId: 'c1',
  actor: { kind: 'user', id: 'alice' },
  at: '2026-11-23T21:18:00.000Z',
} as const
const id = '0b4a7c1e-3a52-5c58-9b1c-6f6a4b1d2e30'
const schemas = {
  'Measured.v1': z.object({
    n: z.number(),
    what: z.any().exactOptional(),
    inner: z.object({ text: z.string() }).optional(),
    list: z.array(z.any()).exactOptional(),
  }),
}
const codec = createCodec(schemas)
const event = (data: object, type = 'Measured.v1'): NewEvent => ({ type, data, id, metadata })

describe('encode', () => {
  it('writes data and metadata as JSON, keys as they came', () => {
    expect(codec.encode(event({ inner: { text: '門 🚪' }, n: 1.5 }))).toEqual({
      id,
      type: 'Measured.v1',
      data: '{"inner":{"text":"門 🚪"},"n":1.5}',
      metadata: JSON.stringify(metadata),
    })
  })

  it.each([
    [
      'a value that the schema refuses',
      { n: '1' },
      'Measured.v1',
      /Measured\.v1.*data\.n: .*number/,
    ],
    ['a missing key', {}, 'Measured.v1', /data\.n/],
    ['an unknown type', { n: 1 }, 'Unknown.v1', /Unknown\.v1.*no schema/],
    ['a name of the prototype as type', { n: 1 }, 'constructor', /no schema/],
    [
      'a key that the schema does not know',
      { n: 1, inner: { text: '', extra: 1 } },
      'Measured.v1',
      /data\.inner\.extra: the schema does not know/,
    ],
    ['a bigint', { n: 1, what: 1n }, 'Measured.v1', /data\.what: .*bigint/],
    ['a Date', { n: 1, what: new Date(0) }, 'Measured.v1', /data\.what: .*Date/],
    ['undefined', { n: 1, inner: undefined }, 'Measured.v1', /data\.inner: .*undefined/],
    [
      'undefined in a list',
      { n: 1, list: [1, undefined] },
      'Measured.v1',
      /data\.list\.1: .*undefined/,
    ],
    ['NaN', { n: 1, what: { deep: [Number.NaN] } }, 'Measured.v1', /data\.what\.deep\.0: .*NaN/],
    ['a function', { n: 1, what: () => 1 }, 'Measured.v1', /data\.what: .*function/],
    ['a Map', { n: 1, what: new Map() }, 'Measured.v1', /data\.what: .*Map/],
    ['too much', { n: 1, what: 'é'.repeat(524_288) }, 'Measured.v1', /data: \d+ bytes/],
  ])('refuses %s, naming type and path', (_name, data, type, message) => {
    expect(() => codec.encode(event(data, type))).toThrow(message)
  })

  it('takes the place in a trace with the metadata, where there is one', () => {
    const traced = {
      ...metadata,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const encoded = codec.encode({ ...event({ n: 1 }), metadata: traced })
    expect(JSON.parse(encoded.metadata)).toEqual(traced)
    const odd = { ...traced, traceparent: 'somewhere' }
    expect(() => codec.encode({ ...event({ n: 1 }), metadata: odd })).toThrow(
      /metadata\.traceparent: .*W3C/,
    )
  })

  it('takes what was asked for, and the whole command of a step, where they are known: logs of before have neither', () => {
    const own = { ...metadata, digest: event({ n: 1 }).id, outerId: event({ n: 1 }).id }
    const encoded = codec.encode({ ...event({ n: 1 }), metadata: own })
    expect(JSON.parse(encoded.metadata)).toEqual(own)
    for (const odd of [{ digest: 'x' }, { outerId: '' }])
      expect(() => codec.encode({ ...event({ n: 1 }), metadata: { ...metadata, ...odd } })).toThrow(
        /metadata\.(digest|outerId)/,
      )
  })

  it('refuses metadata and ids that are not right', () => {
    expect(() => codec.encode({ ...event({ n: 1 }), id: 'x' })).toThrow(/id: .*UUID/)
    expect(() =>
      codec.encode({ ...event({ n: 1 }), metadata: { ...metadata, at: '2026-11-23' } }),
    ).toThrow(/metadata\.at/)
  })
})

describe('upcasters', () => {
  const v3 = { 'Named.v3': z.object({ name: z.string(), zone: z.string() }) }
  const first = { to: 'Named.v2', upcast: (data: object) => ({ ...data, zone: 'UTC' }) }
  const second = { to: 'Named.v3', upcast: (data: object) => ({ name: 'unnamed', ...data }) }

  it('bring every older version to the newest, and leave unknown types as they are', () => {
    const versions = createCodec(v3, { 'Named.v1': first, 'Named.v2': second })
    expect(versions.decode('Named.v1', {})).toEqual({
      type: 'Named.v3',
      data: { name: 'unnamed', zone: 'UTC' },
    })
    expect(versions.decode('Newer.v9', { n: 1 })).toEqual({ type: 'Newer.v9', data: { n: 1 } })
    expect(versions.storedTypes(['Named.v3', 'Other.v1'])).toEqual([
      'Named.v3',
      'Named.v1',
      'Named.v2',
      'Other.v1',
    ])
  })

  it.each([
    ['a gap', v3, { 'Named.v2': second }, /no upcaster from Named\.v1/],
    [
      'a leap',
      v3,
      { 'Named.v1': { ...first, to: 'Named.v3' }, 'Named.v2': second },
      /must lead to Named\.v2/,
    ],
    [
      'a step beyond the newest',
      v3,
      { 'Named.v1': first, 'Named.v2': second, 'Named.v3': { ...second, to: 'Named.v4' } },
      /no schema/,
    ],
    ['two schemas of one event', { ...v3, 'Named.v2': z.object({}) }, {}, /only the newest/],
    ['a name without a version', { Named: z.object({}) }, {}, /is not named like/],
  ])('are refused with %s', (_name, versions, upcasters, message) => {
    expect(() => createCodec(versions, upcasters)).toThrow(message)
  })
})
