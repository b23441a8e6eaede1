export { type Config, ConfigError, readConfig } from './config.ts'
export { DatabaseUnreachable } from './database.ts'
export { dataPaths, openDataFolder } from './dataFolder.ts'
export { type Mail, publicUrlOf } from './mail.ts'
export {
  openRuntime,
  type RunningParts,
  type Runtime,
  type RuntimeOptions,
} from './runtime.ts'
export { systemClock } from './systemClock.ts'
