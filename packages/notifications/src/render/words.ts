/** Text that people wrote, made fit for a mail. Bidirectional overrides go: they could turn our own words around. */
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/g

/** One line of at most `max` characters: for names, and for anything that gets into a header. */
export const oneLine = (text: string, max = 120): string =>
  cut(
    text
      .toWellFormed()
      .replace(OVERRIDES, '')
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim(),
    max,
  )

/** Several lines of at most `max` characters: for justifications. */
export const manyLines = (text: string, max = 2000): string =>
  cut(
    text
      .toWellFormed()
      .replace(OVERRIDES, '')
      .replace(/\r\n?|[\u2028\u2029]/g, '\n')
      .replace(/[^\P{Cc}\n\t]/gu, ' ')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    max,
  )

const cut = (text: string, max: number): string =>
  text.length <= max
    ? text
    : // Not in the middle of a character that takes two units.
      `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
