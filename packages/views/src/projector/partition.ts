/** One of the parts that a projection's streams are split into, so that as many processes can work on it. */
export interface Part {
  /** From 0. */
  readonly number: number
  /** How many parts there are. */
  readonly of: number
}

export const WHOLE: Part = { number: 0, of: 1 }

/** Most parts of one projection: each reads the log for itself. */
export const MOST_PARTS = 16

export const partsOf = (of: number): readonly Part[] =>
  Array.from({ length: of }, (_, number) => ({ number, of }))

/** Which part a stream is in, by its name: the same in every process and release (FNV-1a, 32 bits). */
export const partOf = (stream: string, of: number): number => {
  if (of === 1) return 0
  let hash = 0x811c9dc5
  for (let index = 0; index < stream.length; index += 1)
    hash = Math.imul(hash ^ stream.charCodeAt(index), 0x01000193)
  return ((hash ^ (hash >>> 16)) >>> 0) % of
}
