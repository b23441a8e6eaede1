export type { MoveProgress } from '@portcullis/event-store'
export { type Config, ConfigError, configDefaults, readConfig } from './config.ts'
export { listConnectors, openCallbackVerifier, openConnectors } from './connectors.ts'
export { DatabaseUnreachable } from './database.ts'
export { dataPaths, openDataFolder } from './dataFolder.ts'
export { EventStoreUnreachable } from './eventStore.ts'
export { type Mail, mailTemplatesOf } from './mail.ts'
export { createInstruments, type Instruments } from './metrics/instruments.ts'
export { migrateAsOwner } from './migrateAsOwner.ts'
export type { EngineFacts } from './monitor/engineFacts.ts'
export { type Monitor, openMonitor } from './monitor/monitor.ts'
export type { Readiness, ReadinessReport } from './monitor/readiness.ts'
export { type LogMove, MoveRefused, type MoveTarget, moveTargets, openMove } from './move.ts'
export { EXIT, exitCodeOf } from './process/exitCodes.ts'
export { runEngine } from './process/runEngine.ts'
export { runService } from './process/runService.ts'
export { publicUrlOf } from './publicUrl.ts'
export { openQueueBoard } from './queueBoard.ts'
export type { RateLimits } from './rateLimitConfig.ts'
export { jobsServerOf } from './redis.ts'
export {
  openRuntime,
  type RunningParts,
  type Runtime,
  type RuntimeOptions,
} from './runtime.ts'
export { SECRETS } from './secretFiles.ts'
export { keepsSecrets, type MatchRule, type SignInConfig } from './signInConfig.ts'
export { systemClock } from './systemClock.ts'
