import { command, noBody, noParams } from './operation.ts'

export const leaverOperations = {
  releaseLeaverEndings: command({
    id: 'releaseLeaverEndings',
    method: 'POST',
    path: '/v1/leavers/release',
    tag: 'Assignments',
    summary: 'Let what people have who left end, though they are many',
    description:
      'User administrators may. Where more people would lose something for having left than looks meant, nothing ends, and the open problem `held-back` says so. This lets it end of everybody who has left by now; of those who leave later, many are held again. `people` says how many have something; 0: nobody, and nothing was noted.',
    params: noParams,
    body: noBody,
    example: { answer: { people: 1 } },
  }),
}
