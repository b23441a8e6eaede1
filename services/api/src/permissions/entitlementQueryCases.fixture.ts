import { type Case, own } from './case.fixture.ts'
import type { Call, World } from './world.fixture.ts'

// The rows of queries about requests and assignments (S3, S19, S20): written by hand, not computed.

const ofRequest =
  (call: (requestId: string, packageId: string) => Call) =>
  async ({ fresh }: World): Promise<Call> => {
    const requestId = await fresh.request()
    return { shows: requestId, ...call(requestId, requestId.split('.')[0] ?? '') }
  }
const ofAssignment =
  (call: (assignmentId: string, packageId: string) => Call) =>
  async ({ fresh }: World): Promise<Call> => {
    const assignmentId = await fresh.assignment()
    return { shows: assignmentId, ...call(assignmentId, assignmentId.split('.')[0] ?? '') }
  }
const of = { subjectId: 'subject' }

// directory · target's catalog · another catalog · built-in catalog · subject, asker, approver, member, stranger, gone
// · services                    adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
const requests = 'A   .    A   A    .   .    .   .    A   A   A   .   .   D    A   .   .   .'
const assignments = 'A   .    A   A    .   .    .   .    A   .   .   .   .   D    A   .   .   .'

const managers = 'A   .    A   A    .   .    .   .    .   .   .   .   .   D    A   .   .   .'
const ofProblem =
  (query: Readonly<Record<string, string>> = {}) =>
  async ({ fresh }: World): Promise<Call> => {
    const packageId = await fresh.problem()
    return { query: { ...query, packageId }, shows: `"${packageId}.subject.a1"` }
  }

export const entitlementQueryCases: readonly Case[] = [
  {
    operation: 'listRequests',
    of: 'of a package',
    cells: requests,
    no: 'unseen',
    call: ofRequest((_, packageId) => ({ query: { packageId } })),
  },
  {
    operation: 'listRequests',
    of: 'of a subject',
    cells: requests,
    no: 'unseen',
    call: ofRequest(() => ({ query: of })),
  },
  {
    operation: 'listRequests',
    cells: requests,
    no: 'unseen',
    call: ofRequest(() => ({})),
  },
  {
    operation: 'listRequests',
    of: 'that wait for the caller',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: '.   .    .   .    .   .    .   .    .   .   A   .   .   D    .   .   .   .',
    no: 'unseen',
    call: ofRequest(() => ({ query: { waitingForMe: 'true' } })),
  },
  {
    operation: 'downloadRequests',
    cells: requests,
    no: 'unseen',
    call: ofRequest((_, packageId) => ({ query: { packageId } })),
  },
  {
    operation: 'downloadRequests',
    of: 'of a subject',
    cells: requests,
    no: 'unseen',
    call: ofRequest(() => ({ query: of })),
  },
  {
    operation: 'getRequest',
    cells: requests,
    no: '404',
    call: ofRequest((requestId) => ({ params: { requestId } })),
  },
  {
    operation: 'getRequest',
    of: 'that nobody had to approve',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    A   A    .   .    .   .    A   A   .   .   .   D    A   .   .   .',
    no: '404',
    call: async ({ fresh }) => {
      const requestId = (await fresh.assignment()).replace(/a1$/, 'r1')
      return { params: { requestId }, shows: requestId }
    },
  },
  {
    operation: 'getRequest',
    of: 'that another approver has decided on',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    A   A    .   .    .   .    A   A   .   .   .   D    A   .   .   .',
    no: '404',
    call: async ({ fresh, must }) => {
      const params = { requestId: await fresh.request() }
      await must('approver2', 'denyRequest', { params })
      return { params, shows: params.requestId }
    },
  },
  {
    operation: 'getRequest',
    of: 'that the approver has decided on',
    cells: requests,
    no: '404',
    call: async ({ fresh, must }) => {
      const params = { requestId: await fresh.request() }
      await must('approver', 'denyRequest', { params })
      return { params, shows: params.requestId }
    },
  },
  {
    operation: 'listRequests',
    of: 'that the approver has decided on',
    cells: requests,
    no: 'unseen',
    call: async ({ fresh, must }) => {
      const requestId = await fresh.request()
      await must('approver', 'denyRequest', { params: { requestId } })
      return { shows: requestId }
    },
  },
  {
    operation: 'listAssignments',
    of: 'of a package',
    cells: assignments,
    no: 'unseen',
    call: ofAssignment((_, packageId) => ({ query: { packageId } })),
  },
  {
    operation: 'listAssignments',
    of: 'of a subject',
    cells: assignments,
    no: 'unseen',
    call: ofAssignment(() => ({ query: of })),
  },
  {
    operation: 'listAssignments',
    cells: assignments,
    no: 'unseen',
    call: ofAssignment(() => ({})),
  },
  {
    operation: 'listAssignments',
    of: 'of a catalog',
    cells: assignments,
    no: 'unseen',
    call: ofAssignment(() => ({ query: own })),
  },
  {
    operation: 'downloadAssignments',
    cells: assignments,
    no: 'unseen',
    call: ofAssignment((_, packageId) => ({ query: { packageId } })),
  },
  {
    operation: 'getAssignment',
    cells: assignments,
    no: '404',
    call: ofAssignment((assignmentId) => ({ params: { assignmentId } })),
  },
  {
    operation: 'listOpenProblems',
    cells: managers,
    no: 'unseen',
    call: ofProblem({ limit: '200' }),
  },
  {
    operation: 'countOpenProblems',
    cells: managers,
    no: 'unseen',
    call: async ({ fresh }) => ({ query: { packageId: await fresh.problem() }, shows: '"git"' }),
  },
  {
    operation: 'reportRemovals',
    of: 'of a resource that is in every catalog',
    //      adm cre  own man  own man  own man  sub ask app mem str gon  adm cre ser met
    cells: 'A   .    A   A    A   A    A   A    .   .   .   .   .   D    A   .   .   .',
    no: 'unseen',
    call: async ({ fresh }) => {
      await fresh.removal()
      return { shows: '"git"' }
    },
  },
]
