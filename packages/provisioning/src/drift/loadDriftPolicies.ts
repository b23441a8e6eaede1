import { readConnectorsConfig } from '../configFile.ts'
import { type DriftPolicy, driftPolicyOf } from './driftPolicy.ts'

/**
 * What is done about drift of each configured connector's resources.
 * @throws ConnectorsConfigError
 */
export const loadDriftPolicies = (config: unknown): ReadonlyMap<string, DriftPolicy> =>
  new Map(readConnectorsConfig(config).map(({ name, drift }) => [name, driftPolicyOf(drift)]))
