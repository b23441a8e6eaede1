import { type EventStore, eventId, isRevisionConflict, NO_STREAM } from '@portcullis/core'
import type { ImportLedger } from '@portcullis/directory'
import { type DirectoryEvent, directoryImportStream } from '@portcullis/domain'

/**
 * Tells the log of the imports that it hasn't been told of: right after each, and by every sweep, so that none is
 * missing for long after a crash between the two.
 * @returns how many there were
 */
export const logImports = async ({
  store,
  imports: ledger,
}: {
  readonly store: EventStore
  readonly imports: ImportLedger
}): Promise<number> => {
  const imports = await ledger.importsToLog()
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
    await ledger.importLogged(id)
  }
  return imports.length
}
