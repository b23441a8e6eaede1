export { accessOf } from './accesses.ts'
export { type ConnectorUnderTest, describeConnectorContract } from './connectorContract.ts'
export { type ScimFault, type ScimServer, startScimServer } from './scimServer.ts'
