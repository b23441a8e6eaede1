/** What our keys begin with unless told otherwise. */
export const DEFAULT_PREFIX = 'portcullis'

/**
 * What stands before a queue's keys. In braces: a cluster keeps all keys with the same words in braces on one node, as
 * scripts over several keys need, and spreads the queues over its nodes.
 * @returns such as `{portcullis:provision}`
 */
export const prefixOf = (prefix: string, queue: string): string => `{${prefix}:${queue}}`
