/** Code points of a name that count for sorting and searching: a cursor carries them. */
const MOST = 150

/**
 * A text as it is searched for and sorted by: without case, without the accents of Latin, Greek and Cyrillic letters,
 * wide and narrow forms alike.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .normalize('NFC')

/** The same of a display name, cut off where nobody looks any more. */
export const foldedName = (displayName: string): string =>
  Array.from(folded(displayName)).slice(0, MOST).join('')
