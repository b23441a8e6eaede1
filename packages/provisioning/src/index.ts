export * from './connector.ts'
export { type ConnectorsConfig, connectorsConfigSchema } from './connectors.config.ts'
export { createFileConnector, type FileConnectorOptions } from './file/fileConnector.ts'
export type { Membership } from './file/membership.ts'
export { readMemberships } from './file/membershipFile.ts'
export {
  ConnectorsConfigError,
  type LoadConnectorsOptions,
  loadConnectors,
} from './loadConnectors.ts'
export {
  createMemoryConnector,
  type MemoryConnector,
  type MemoryMembership,
} from './memory/memoryConnector.ts'
export { createScimConnector, type ScimConnectorOptions } from './scim/scimConnector.ts'
