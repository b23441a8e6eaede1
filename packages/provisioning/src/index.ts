export { type AroundCall, aroundConnector, type ConnectorCall } from './aroundConnector.ts'
export { ConnectorsConfigError, readConnectorsConfig } from './configFile.ts'
export * from './connector.ts'
export { type ConnectorsConfig, connectorsConfigSchema } from './connectors.config.ts'
export type {
  Finding,
  NotedFinding,
  Seen,
  SureFinding,
} from './drift/driftFindings.ts'
export { DEFAULT_DRIFT_POLICY, type DriftPolicy } from './drift/driftPolicy.ts'
export {
  createDriftRecords,
  type DriftRecords,
  type DriftScan,
  type ScanCounts,
} from './drift/driftRecords.ts'
export { migrateDrift } from './drift/driftTables.ts'
export { loadDriftPolicies } from './drift/loadDriftPolicies.ts'
export { createFileConnector, type FileConnectorOptions } from './file/fileConnector.ts'
export type { Membership } from './file/membership.ts'
export { readMemberships } from './file/membershipFile.ts'
export type { CircuitChange } from './governed/circuit.ts'
export { type GovernedOptions, governed } from './governed/governed.ts'
export { isTimeout } from './isTimeout.ts'
export { createLdapConnector, type LdapConnectorOptions } from './ldap/ldapConnector.ts'
export { type LoadConnectorsOptions, loadConnectors } from './loadConnectors.ts'
export { evidence, matchAccount } from './matching/matchAccount.ts'
export {
  createMemoryConnector,
  type MemoryConnector,
  type MemoryMembership,
} from './memory/memoryConnector.ts'
export { createScimConnector, type ScimConnectorOptions } from './scim/scimConnector.ts'
export { type CallbackVerifier, loadCallbackVerifier } from './webhook/callbackVerifier.ts'
