import type { Operation } from '@portcullis/api-contract'
import { CSV_MEDIA_TYPE } from '@portcullis/api-contract'
import type { CsvColumn } from '@portcullis/csv'
import type { z } from 'zod'
import { type Input, readInput } from '../input.ts'
import { type Call, type Route, untilAsked } from '../route.ts'
import { csvFile } from './csvFile.ts'

/**
 * A route that answers a list as a CSV file, page by page as it is read.
 * @param file what the file is called, before the date
 */
export const downloadRoute = <
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
  Row,
>(
  operation: Operation<P, Q, B, A>,
  file: string,
  columns: readonly CsvColumn<Row>[],
  ask: (input: Input<P, Q, B>, call: Call) => AsyncIterable<readonly Row[]>,
): Route => ({
  operation,
  run: async (raw, call) => {
    const input = readInput(operation, raw)
    await untilAsked(input.query, call)
    const body = await csvFile(columns, ask(input, call))
    const day = call.now().slice(0, 10)
    return {
      status: operation.status,
      body,
      headers: {
        'Content-Type': `${CSV_MEDIA_TYPE}; charset=utf-8; header=present`,
        'Content-Disposition': `attachment; filename="${file}-${day}.csv"`,
      },
    }
  },
})
