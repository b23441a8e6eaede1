export { type CsvColumn, csvHead, csvLines, listed } from './csvText.ts'
export { unguarded } from './guard.ts'
