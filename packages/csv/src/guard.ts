/**
 * What a reader may take for the end of a cell: besides the comma what spreadsheets separate by elsewhere (`;`, in
 * Arabic and Persian `؛` and `،`, full-width in East Asia), tabs, `|`, and the ends of lines. Who separates by another
 * character than the comma doesn't heed our quotes, which then aren't at the beginning of a cell.
 */
const SEPARATORS = ',;|\\t\\n\\v\\f\\r\\u0085\\u2028\\u2029؛،；，、'
/** What a formula begins with, also in the other widths that spreadsheets read alike. */
const SIGNS = '=+\\-@＝＋－＠﹦﹢﹣﹫−'
/**
 * What is skipped before a formula: white space, what can't be seen, and the quotes that a reader takes for its own;
 * separators aside, which begin a cell of their own.
 */
const SKIPPED = `(?:(?![${SEPARATORS}])[\\s\\p{Z}\\p{Cc}\\p{Cf}"”“„])*`
/**
 * Apostrophes before it may be guards themselves: one more goes in front, so that taking one off gives back the text.
 */
const FORMULA = `'*${SKIPPED}[${SIGNS}]`
/** A text that begins with the end of a line or a tab is one as well (OWASP, "CSV Injection"). */
const AT_START = `^(?='*${SKIPPED}(?:[${SIGNS}]|[\\t\\n\\v\\f\\r\\u0085\\u2028\\u2029]))`
const AT_START_GUARDED = AT_START.replace('^(?=', "^'(?=")

const UNSAFE = new RegExp(`${AT_START}|(?<=[${SEPARATORS}])(?=${FORMULA})`, 'gu')
const GUARDED = new RegExp(`${AT_START_GUARDED}|(?<=[${SEPARATORS}])'(?=${FORMULA})`, 'gu')

/**
 * The text with an apostrophe wherever a spreadsheet, by whichever separator it reads the file, could see a cell that
 * begins with a formula: `=1+1` as `'=1+1`, `x;=1+1` as `x;'=1+1`.
 */
export const guarded = (text: string): string => text.replace(UNSAFE, "'")

/** The text that was {@link guarded}. */
export const unguarded = (text: string): string => text.replace(GUARDED, '')
