// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { z } from 'zod'
import { textSchema } from '../text.ts'

const count = z.int().min(0)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits')

/**
 * Upstream's data isn't event-sourced; what was done to it by whom is in the log all the same. No event here names a
 * person, but as the one who did it.
 */
export const directoryEvents = {
  /** A folder of files was imported. When and by whom is in the metadata. */
  'DirectoryImported.v1': z.object({
    importId: z.uuid(),
    /** Name of the folder, without where it is. */
    source: textSchema(1, 200),
    /** SHA-256 over the lines `<digest>  <name>` of the files, in the order of their names. */
    digest: sha256,
    files: z.array(z.object({ name: textSchema(1, 64), entries: count, digest: sha256 })).max(20),
    /** What went by it, by kind; kinds of which nothing went are left out. */
    removed: z
      .array(z.object({ kind: z.string().regex(/^[a-zA-Z]{1,40}$/), count: z.int().min(1) }))
      .max(40),
    /** What it was told that it may: take away more than a few, and leave no User administrator. */
    allowed: z.object({ removals: z.boolean(), noAdministrator: z.boolean() }),
  }),
  /** A User administrator let the access of many people end who had left by then, which had been held. */
  'LeaverEndingsReleased.v1': z.object({
    leftBy: z.iso.datetime({ precision: 3 }),
    /** How many it was about. */
    people: count,
  }),
} as const
