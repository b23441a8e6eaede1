import type { Page } from '@portcullis/views'

export interface ListOptions {
  /** 1 to 200. */
  readonly limit: number
  readonly cursor?: string
}

export const emptyPage = <Row>(): Page<Row> => ({ items: [], next: null })
