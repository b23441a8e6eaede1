import type { EventMetadata, NewEvent } from '@portcullis/core'
import { z } from 'zod'
import { EventInvalid } from './errors.ts'
import { differenceAt } from './plainJson.ts'
import { checkChains, type Upcasters } from './upcasters.ts'

/** Most UTF-8 bytes of one event's data and metadata together, as JSON. */
export const MAX_EVENT_BYTES = 1024 * 1024

/** Stored name to schema of its data. */
export type EventSchemas = Readonly<Record<string, z.ZodType<object>>>

/** An event as text, checked: what goes into a store. */
export interface EncodedEvent {
  readonly id: string
  readonly type: string
  readonly data: string
  readonly metadata: string
}

/** Between events and what a store holds. */
export interface Codec {
  /**
   * Checks an event and writes its data and metadata as JSON.
   * @throws EventInvalid naming the event type and the path: unknown type, data that isn't as the schema says or isn't
   *   plain JSON, too large
   */
  encode(event: NewEvent): EncodedEvent
  /** Brings what was read to the newest version of its type; never validates: what is in the log is the truth. */
  decode(type: string, data: object): { readonly type: string; readonly data: object }
  /** The stored names that become one of `types` when decoded: the types themselves and their older versions. */
  storedTypes(types: readonly string[]): readonly string[]
}

const actor = z.object({ kind: z.enum(['user', 'service', 'system']), id: z.string().min(1) })
const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'an instant is like 2026-11-23T21:18:00.000Z')
const metadataSchema: z.ZodType<EventMetadata> = z.object({
  commandId: z.string().min(1),
  outerId: z.uuid().exactOptional(),
  digest: z.uuid().exactOptional(),
  correlationId: z.string().min(1),
  causationId: z.string().min(1).exactOptional(),
  actor,
  authentication: z
    .object({
      kind: z.literal('session'),
      issuer: z.string().min(1).max(2048),
      authTime: instant.nullable(),
      acr: z.string().max(256).nullable(),
    })
    .exactOptional(),
  at: instant,
  traceparent: z
    .string()
    .regex(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
      'a traceparent is like 00-<32 hexadecimal digits>-<16>-<2> (W3C Trace Context)',
    )
    .exactOptional(),
})

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * @param schemas of the newest version of every event type
 * @param upcasters from older versions, one step each
 * @throws Error when a chain of upcasters has a gap
 */
export const createCodec = (schemas: EventSchemas, upcasters: Upcasters = {}): Codec => {
  checkChains(Object.keys(schemas), upcasters)
  const older = olderNames(upcasters)
  return {
    encode: (event) => {
      const schema = Object.hasOwn(schemas, event.type) ? schemas[event.type] : undefined
      if (schema === undefined)
        throw new EventInvalid(event.type, 'type', 'no schema is known for this event type')
      if (!UUID.test(event.id))
        throw new EventInvalid(event.type, 'id', `a lower-case UUID is wanted, not ${event.id}`)
      const encoded = {
        id: event.id,
        type: event.type,
        data: encodePart(event.type, 'data', schema, event.data),
        metadata: encodePart(event.type, 'metadata', metadataSchema, event.metadata),
      }
      const bytes = Buffer.byteLength(encoded.data) + Buffer.byteLength(encoded.metadata)
      if (bytes > MAX_EVENT_BYTES)
        throw new EventInvalid(
          event.type,
          'data',
          `${bytes} bytes as JSON are more than an event may hold (${MAX_EVENT_BYTES})`,
        )
      return encoded
    },
    decode: (type, data) => {
      let current = { type, data }
      for (;;) {
        const upcaster = Object.hasOwn(upcasters, current.type)
          ? upcasters[current.type]
          : undefined
        if (upcaster === undefined) return current
        current = { type: upcaster.to, data: upcaster.upcast(current.data) }
      }
    },
    storedTypes: (types) => types.flatMap((type) => [type, ...(older.get(type) ?? [])]),
  }
}

const encodePart = (
  type: string,
  part: string,
  schema: z.ZodType<object>,
  value: object,
): string => {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = [part, ...(issue?.path ?? [])].join('.')
    throw new EventInvalid(type, path, issue?.message ?? 'not as the schema says')
  }
  const difference = differenceAt(value, parsed.data, part)
  if (difference !== undefined) throw new EventInvalid(type, difference.path, difference.problem)
  return JSON.stringify(value)
}

const olderNames = (upcasters: Upcasters): ReadonlyMap<string, readonly string[]> => {
  const names = new Map<string, string[]>()
  for (const from of Object.keys(upcasters)) {
    let newest = from
    for (let next = upcasters[newest]; next !== undefined; next = upcasters[newest])
      newest = next.to
    names.set(newest, [...(names.get(newest) ?? []), from])
  }
  return names
}
