import { type CsvColumn, listed } from '@portcullis/csv'
import type { AssignmentLine, RequestLine } from '@portcullis/engine'

type Cell = string | number | boolean | null
type PlainField<Row> = {
  [Name in keyof Row & string]: Row[Name] extends Cell ? Name : never
}[keyof Row & string]

/** A column that shows a field as it is, under the field's own name unless another is given. */
const field = <Row extends { readonly [Name in Field]: Cell }, Field extends string>(
  of: Field,
  name: string = of,
): CsvColumn<Row> => ({ name, of: (row) => row[of] })

const assignmentField = (of: PlainField<AssignmentLine>, name?: string) =>
  field<AssignmentLine, typeof of>(of, name)
const requestField = (of: PlainField<RequestLine>, name?: string) =>
  field<RequestLine, typeof of>(of, name)

/** What a file of assignments shows of each; new columns only at the end: people's own tools count them. */
export const ASSIGNMENT_COLUMNS: readonly CsvColumn<AssignmentLine>[] = [
  assignmentField('id', 'assignmentId'),
  assignmentField('status'),
  assignmentField('subjectId'),
  assignmentField('subjectName'),
  assignmentField('subjectEmail'),
  assignmentField('packageId'),
  assignmentField('packageName'),
  assignmentField('policyId'),
  assignmentField('policyName'),
  assignmentField('policyVersion'),
  assignmentField('startAt'),
  assignmentField('endAt'),
  assignmentField('endedAt'),
  { name: 'roleIds', of: ({ roleIds }) => listed(roleIds) },
  { name: 'roleNames', of: ({ roleNames }) => listed(roleNames) },
  { name: 'missingRoles', of: ({ missingRoles }) => listed(missingRoles) },
  assignmentField('settled'),
  assignmentField('requestId'),
  assignmentField('updatedAt'),
]

/** The same of requests. */
export const REQUEST_COLUMNS: readonly CsvColumn<RequestLine>[] = [
  requestField('id', 'requestId'),
  requestField('kind'),
  requestField('status'),
  requestField('subStatus'),
  requestField('subjectId'),
  requestField('subjectName'),
  requestField('subjectEmail'),
  requestField('requestorId'),
  requestField('requestorName'),
  requestField('packageId'),
  requestField('packageName'),
  requestField('policyId'),
  requestField('policyName'),
  requestField('policyVersion'),
  requestField('submittedAt'),
  requestField('justification'),
  requestField('decideBy'),
  requestField('decidedBy'),
  requestField('decidedByName'),
  requestField('decidedAt'),
  requestField('decisionJustification'),
  requestField('assignmentId'),
  { name: 'errorCount', of: ({ errors }) => errors.length },
  { name: 'errors', of: ({ errors }) => listed(errors) },
  requestField('updatedAt'),
]
