import { createClient } from '@portcullis/client'

/**
 * The API, from where the page comes from. A query that fails is tried again by the query library, which shows that
 * meanwhile; a command is tried here, under one id, for a quarter of a minute.
 */
export const api = createClient({
  url: '',
  tokens: { kind: 'session' },
  retryPolicy: { totalMillis: 15_000 },
})
