import { z } from 'zod'
import { command, noBody, oneQuery, query } from './operation.ts'
import { exampleInstant } from './policyTerms.ts'
import { idSchema, instantSchema } from './primitives.ts'

const tag = 'Access packages'
const accessPackage = z.strictObject({ packageId: idSchema })

/** When a change of roles is rolled out to those who have the package already. */
export const rollOutChoiceSchema = z
  .enum(['now', 'held'])
  .optional()
  .describe(
    '`held`: not to those who have the package already, until somebody releases it. It is `now` when absent.',
  )

const changesSchema = z.array(
  z.object({ resourceId: idSchema, roleId: idSchema, change: z.enum(['added', 'removed']) }),
)

const rollOutSchema = z
  .object({
    packageId: idSchema,
    rolesVersion: z.int().describe("Counts the changes of the package's roles."),
    toVersion: z
      .int()
      .describe(
        'The version that the numbers are about: the one that is being rolled out, or has been; else the one that waits.',
      ),
    state: z
      .enum(['none', 'held', 'queued', 'running', 'paused', 'done'])
      .describe(
        '`none`: the roles that it was created with. `held`: until it is released. `queued`: about to start. `running`: while some are left, or fail and are tried again.',
      ),
    since: instantSchema.nullable().describe('Since when it is so.'),
    changes: changesSchema.describe('What it changes for who had the package before.'),
    waiting: changesSchema.describe('Changes behind it that wait, held back or to start.'),
    changedAt: instantSchema.nullable().describe('When the newest of the changes was made.'),
    total: z.int().describe('Active assignments.'),
    upToDate: z.int().describe('Those that have exactly the roles of `toVersion`.'),
    failed: z.int().describe('Those where a role can’t be given or taken back; tried again.'),
    left: z.int(),
    perSecond: z
      .number()
      .nullable()
      .describe('Assignments that got there a second, over the last minute, while it runs.'),
    secondsLeft: z
      .int()
      .nullable()
      .describe('Until nobody is left, at that pace; null when that can’t be said.'),
    doneAt: instantSchema
      .nullable()
      .describe('When the last of them had got there; null while some are left or fail.'),
  })
  .meta({ id: 'RollOut' })

const control = (
  id: 'pauseRollOut' | 'resumeRollOut' | 'releaseRollOut' | 'cancelRollOut',
  summary: string,
  description: string,
) =>
  command({
    id,
    method: 'POST',
    path: `/v1/access-packages/{packageId}/roll-out/${id.slice(0, -'RollOut'.length)}`,
    tag,
    summary,
    description,
    params: accessPackage,
    body: noBody,
    example: { answer: { packageId: 'web-team', rollOut: ANSWERED[id] } },
  })

const ANSWERED = {
  pauseRollOut: 'paused',
  resumeRollOut: 'queued',
  releaseRollOut: 'queued',
  cancelRollOut: 'cancelled',
} as const

export const rollOutOperations = {
  getRollOut: query({
    id: 'getRollOut',
    path: '/v1/access-packages/{packageId}/roll-out',
    tag,
    summary: 'How far the newest change of the roles has got',
    description: 'Of everybody with an active assignment (S5, S6).',
    params: accessPackage,
    query: oneQuery,
    answer: rollOutSchema,
    example: {
      packageId: 'web-team',
      rolesVersion: 2,
      toVersion: 2,
      state: 'running',
      since: exampleInstant,
      changes: [{ resourceId: 'wiki', roleId: 'editor', change: 'added' }],
      waiting: [],
      changedAt: exampleInstant,
      total: 300,
      upToDate: 280,
      failed: 2,
      left: 18,
      perSecond: 9.5,
      secondsLeft: 2,
      doneAt: null,
    },
  }),
  pauseRollOut: control(
    'pauseRollOut',
    'Stop a change of roles where it is',
    'Those whom it hasn’t reached keep what they have until it is resumed; what is about to start doesn’t. Refused when nothing is being rolled out. An end still takes everything.',
  ),
  resumeRollOut: control(
    'resumeRollOut',
    'Let a change of roles go on after a pause',
    'A change that is held back besides stays so.',
  ),
  releaseRollOut: control(
    'releaseRollOut',
    'Let out a change of roles that was held back',
    'It is rolled out to everybody who has the package, as if it had been made now.',
  ),
  cancelRollOut: control(
    'cancelRollOut',
    'Call off a change of roles before it starts',
    'The package has the roles from before again. Refused once its roll-out has started: then it is taken back by a change of its own.',
  ),
}
