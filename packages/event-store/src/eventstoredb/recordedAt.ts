/**
 * What a move adds to the metadata of an event in EventStoreDB, which takes no time of recording from outside; nobody
 * else writes it, and no reader of the port sees it.
 */
export const withoutRecordedAt = <Metadata extends object>(
  metadata: Metadata,
): { readonly metadata: Metadata; readonly recordedAt: string | undefined } => {
  if (!('recordedAt' in metadata)) return { metadata, recordedAt: undefined }
  const { recordedAt, ...rest } = metadata
  return { metadata: rest as object as Metadata, recordedAt: String(recordedAt) }
}
