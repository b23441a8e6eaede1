import { Readable } from 'node:stream'
import { type CsvColumn, csvHead, csvLines } from '@portcullis/csv'

/** By which spreadsheets know UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * The whole file as a stream that asks for a page only when its reader has taken the one before: no more than two pages
 * are ever in memory.
 * When the reader goes away the pages are told to stop. An error after the first page ends the stream with it, so that
 * the connection breaks: a file that is cut off must not look complete.
 * @throws what the first page throws, before anything is answered
 */
export const csvFile = async <Row>(
  columns: readonly CsvColumn<Row>[],
  pages: AsyncIterable<readonly Row[]>,
): Promise<Readable> => {
  const iterator = pages[Symbol.asyncIterator]()
  const first = await iterator.next()
  const texts = async function* (): AsyncGenerator<string> {
    try {
      yield `${BYTE_ORDER_MARK}${csvHead(columns)}`
      for (let page = first; !page.done; page = await iterator.next()) {
        const text = csvLines(columns, page.value)
        if (text !== '') yield text
      }
    } finally {
      await iterator.return?.()
    }
  }
  return Readable.from(texts(), { objectMode: true, highWaterMark: 1 })
}
