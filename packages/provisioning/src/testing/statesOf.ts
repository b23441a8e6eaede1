import { ConnectorError, type ReadBack } from '../connector.ts'

/** What was said of each, in words; the code of what failed. */
export const statesOf = (answers: readonly (ReadBack | ConnectorError)[]): readonly string[] =>
  answers.map((answer) => (answer instanceof ConnectorError ? answer.code : answer.state))
