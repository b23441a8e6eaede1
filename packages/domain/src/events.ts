import type { DomainEvent } from '@portcullis/core'
import type { z } from 'zod'
import { accessPackageEvents } from './accessPackage/accessPackage.events.ts'
import { catalogEvents } from './catalog/catalog.events.ts'
import { directoryEvents } from './directory/directory.events.ts'
import { entitlementEvents } from './entitlement/entitlement.events.ts'
import { entitlementUpcasters } from './entitlement/entitlement.upcasters.ts'
import { grantEvents } from './grant/grant.events.ts'
import { grantUpcasters } from './grant/grant.upcasters.ts'

type EventOf<Schemas extends Record<string, z.ZodType<object>>> = {
  [Type in keyof Schemas & string]: DomainEvent<Type, Readonly<z.infer<Schemas[Type]>>>
}[keyof Schemas & string]

export type CatalogEvent = EventOf<typeof catalogEvents>
export type AccessPackageEvent = EventOf<typeof accessPackageEvents>
export type EntitlementEvent = EventOf<typeof entitlementEvents>
export type GrantEvent = EventOf<typeof grantEvents>
export type DirectoryEvent = EventOf<typeof directoryEvents>
export type PortcullisEvent =
  | CatalogEvent
  | AccessPackageEvent
  | EntitlementEvent
  | GrantEvent
  | DirectoryEvent

/** By the kind of stream that they are in: the first part of the stream's name. */
export const eventSchemasByStream = {
  catalog: catalogEvents,
  accessPackage: accessPackageEvents,
  entitlement: entitlementEvents,
  grant: grantEvents,
  directory: directoryEvents,
} as const

/** Every event that may be in the log: stored name to schema of its data. */
export const eventSchemas = {
  ...catalogEvents,
  ...accessPackageEvents,
  ...entitlementEvents,
  ...grantEvents,
  ...directoryEvents,
} as const

/** From older versions to the newest, by the stored name that each starts from. */
export const eventUpcasters = { ...entitlementUpcasters, ...grantUpcasters } as const
