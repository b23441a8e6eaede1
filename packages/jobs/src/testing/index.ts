export { redisMissing, startRedis, type TestRedis } from './redis.ts'
