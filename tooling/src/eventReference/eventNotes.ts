/** What the comments of an events file say: by `Name.v1` of an event, and by `Name.v1 field` of a field. */
export type EventNotes = ReadonlyMap<string, string>

const EVENT = /^ {2}'(\w+\.v\d+)'/
const FIELD = /^ {4}(\w+)\b/

/**
 * Reads the comments right above events and above their fields. The files are formatted, so that the indentation tells
 * which is which.
 */
export const eventNotes = (source: string): EventNotes => {
  const notes = new Map<string, string>()
  let event = ''
  let comment: string[] = []
  let inComment = false
  for (const line of source.split('\n')) {
    const text = line.trim()
    if (text.startsWith('/**') || inComment) {
      const words = text.replace(/^\/?\*+\/?\s*|\s*\*\/$/g, '')
      if (words !== '') comment.push(words)
      inComment = !text.endsWith('*/')
      continue
    }
    const name = EVENT.exec(line)?.[1]
    const field = FIELD.exec(line)?.[1]
    if (name !== undefined) event = name
    if (comment.length > 0) {
      const key = name ?? (field === undefined ? undefined : `${event} ${field}`)
      if (key !== undefined) notes.set(key, comment.join(' '))
    }
    comment = []
  }
  return notes
}
