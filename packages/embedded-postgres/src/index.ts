export {
  attachEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  ensureEmbeddedPostgres,
  startEmbeddedPostgres,
  startWithSettings,
} from './embeddedPostgres.ts'
export { type EmbeddedPostgresCode, EmbeddedPostgresError } from './embeddedPostgresError.ts'
