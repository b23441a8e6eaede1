import { createHash } from 'node:crypto'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Sees the bytes of a file as they are read. */
export interface FileWatch {
  see(bytes: Uint8Array): void
  /** After the last byte: SHA-256 in hexadecimal digits, and whether the last byte ends a line. */
  sum(): { readonly digest: string; readonly endsLine: boolean }
}

export const watchFile = (): FileWatch => {
  const hash = createHash('sha256')
  let last: number | undefined
  return {
    see: (bytes) => {
      hash.update(bytes)
      last = bytes.at(-1) ?? last
    },
    sum: () => ({
      digest: hash.digest('hex'),
      endsLine: last === LINE_FEED || last === CARRIAGE_RETURN,
    }),
  }
}
