import { ConnectorError, type GrantAnswer, type ReadBack } from '../connector.ts'

/** What was said of each, in words; the code of what failed. */
export const statesOf = (answers: readonly (ReadBack | ConnectorError)[]): readonly string[] =>
  answers.map((answer) => (answer instanceof ConnectorError ? answer.code : answer.state))

/** What came of each order, in words; the code of what failed. */
export const outcomesOf = (answers: readonly (GrantAnswer | ConnectorError)[]): readonly string[] =>
  answers.map((answer) => {
    if (answer instanceof ConnectorError) return answer.code
    return answer !== undefined && 'awaitedUntil' in answer ? 'awaited' : 'done'
  })
