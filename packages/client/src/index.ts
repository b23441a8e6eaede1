export {
  type Client,
  type ClientOptions,
  type CommandOptions,
  createClient,
  type QueryOptions,
} from './client.ts'
export { type Outcome, outcomeOf, Refused, UnexpectedAnswer, Unreachable } from './errors.ts'
export type { Answer, CommandOperation, Input, Item } from './operationTypes.ts'
export { DEFAULT_RETRY_POLICY, type RetryPolicy, type Timing } from './retryPolicy.ts'
export { fetchSession, type SessionOptions, type SessionSource, SignedOut } from './session.ts'
export type { TokenSource } from './tokens.ts'
