import { type EventStore, eventId, isRevisionConflict, NO_STREAM } from '@portcullis/core'
import { importLogged, importsToLog } from '@portcullis/directory'
import { type DirectoryEvent, directoryImportStream } from '@portcullis/domain'
import type pg from 'pg'

/**
 * Tells the log of the imports that it hasn't been told of: right after each, and by every sweep, so that none is missing for long after a crash between the two.
 * @returns how many there were
 */
export const logImports = async ({
  store,
  pool,
}: {
  readonly store: EventStore
  readonly pool: pg.Pool
}): Promise<number> => {
  const imports = await importsToLog(pool)
  for (const { id, at, actor, facts } of imports) {
    const stream = directoryImportStream(id)
    const event: DirectoryEvent = {
      type: 'DirectoryImported.v1',
      data: { importId: id, ...facts, files: [...facts.files], removed: [...facts.removed] },
    }
    const metadata = { commandId: id, correlationId: id, actor, at }
    try {
      await store.append(stream, NO_STREAM, [{ ...event, id: eventId(id, stream, 0), metadata }])
    } catch (error) {
      // Somebody else has told it a moment ago.
      if (!isRevisionConflict(error)) throw error
    }
    await importLogged(pool, id)
  }
  return imports.length
}
