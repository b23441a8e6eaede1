/**
 * Control characters, what turns the order of a line around (bidirectional marks and overrides), line ends that only
 * some programs see, what has no width, and halves of pairs.
 * The two joiners that scripts and emoji need stay.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const named = (character: string): string =>
  NAMES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

/**
 * A text of somebody else's, for one line of a terminal: what can't be seen is named (`\n`, `\u{202e}`), so that nobody
 * can write a line of ours, colour it or turn it around.
 */
export const oneLine = (text: string): string => text.toWellFormed().replace(UNSEEN, named)

/** Text of ours, which has line ends of its own: the last net before the terminal. */
export const manyLines = (text: string): string => text.split('\n').map(oneLine).join('\n')

/**
 * What somebody wrote, marked as theirs: on the line of who said it where it is one line, else below, each line behind
 * `> `.
 */
export const quoted = (who: string, words: string): string => {
  const lines = words.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).map(oneLine)
  return lines.length === 1
    ? `${who}: "${lines[0]}"`
    : [`${who}:`, ...lines.map((line) => `  > ${line}`)].join('\n')
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/

/** As in `2026-12-01 15:05 CET`: swedish is written so. */
const local = new Intl.DateTimeFormat('sv-SE', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

/** An instant (ISO 8601, UTC) in the time of this machine, to the minute, with its zone; any other text as it is. */
export const localTime = (text: string): string =>
  INSTANT.test(text) ? local.format(new Date(text)).replace('\u2212', '-') : text
