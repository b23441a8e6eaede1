// What the pictures show: the contract's own examples, varied.
import { operations } from '@portcullis/api-contract'

const now = Date.now()
export const at = (days) => new Date(now + days * 86_400_000).toISOString()
export const example = (id) => structuredClone(operations[id].example.answer)

const NAMES = [
  [
    'web-team',
    'Web team',
    'Everything for a new member of the web team: source code, wiki and the test system.',
    [
      ['git', 'Source code', 'Member'],
      ['wiki', 'Team wiki', 'Editor'],
      ['staging', 'Test system', 'Operator'],
    ],
  ],
  [
    'finance',
    'Finance reports',
    'Monthly figures, read only.',
    [['reports', 'Reporting', 'Reader']],
  ],
  [
    'crane',
    'Crane control, night shift',
    'Access to the control room and its systems between 22:00 and 06:00.',
    [
      ['badge', 'Doors, pier 4', 'Night shift'],
      ['scada', 'Crane control', 'Operator'],
    ],
  ],
  [
    'customs',
    'Customs declarations',
    'File and correct declarations for cargo that arrives by sea.',
    [['atlas', 'Customs portal', 'Declarant']],
  ],
  [
    'مرحبا',
    'فريق الميناء',
    'كل ما يحتاجه عضو جديد في فريق الميناء',
    [['port', 'نظام الميناء', 'عضو']],
  ],
]
const roles = (list) =>
  list.map(([resourceId, resourceName, roleName]) => ({
    resourceId,
    roleId: roleName.toLowerCase().replaceAll(/\W/g, '-'),
    resourceName,
    roleName,
  }))
const policy = example('getRequestablePackage').policies[0]
export const packages = NAMES.map(([id, displayName, description, list], index) => ({
  id,
  displayName,
  description,
  roles: roles(list),
  policies:
    index === 0
      ? [
          policy,
          {
            ...policy,
            id: 'contractors',
            displayName: 'Contractors, until the end of the year',
            approval: { required: true, stages: [{ timeoutDays: 3 }, { timeoutDays: 7 }] },
            expiration: { kind: 'onDate', date: '2026-12-31' },
            extension: { allowed: false },
          },
        ]
      : [policy],
  state: index === 2 ? 'pending' : index === 3 ? 'assigned' : null,
}))
const request = (over) => ({
  ...example('listRequests').items[0],
  id: `${over.packageId}.${over.subjectId}.r1`,
  submittedAt: at(-2),
  updatedAt: at(-1),
  decideBy: at(5),
  ...over,
})
export const requests = [
  request({
    packageId: 'web-team',
    packageName: 'Web team',
    subjectId: 'carol',
    requestorId: 'carol',
    subjectName: 'Carol Núñez',
    decideBy: at(0.4),
    justification: 'I join the web team on Monday and have to deploy the booking page.',
  }),
  request({
    packageId: 'finance',
    packageName: 'Finance reports',
    subjectId: 'dave',
    requestorId: 'dave',
    subjectName: 'Dave Okonkwo',
    justification: 'Budget round.',
  }),
]
export const mine = [
  request({
    packageId: 'crane',
    packageName: 'Crane control, night shift',
    subjectId: 'alice',
    subjectName: 'Alice Anders',
  }),
  request({
    packageId: 'finance',
    packageName: 'Finance reports',
    subjectId: 'alice',
    subjectName: 'Alice Anders',
    status: 'Denied',
    decidedBy: 'bob',
    decidedAt: at(-1),
  }),
  request({
    packageId: 'customs',
    packageName: 'Customs declarations',
    subjectId: 'alice',
    subjectName: 'Alice Anders',
    status: 'Fulfilled',
    subStatus: 'PartiallyFulfilled',
    assignmentId: 'customs.alice.a1',
  }),
]
const assignment = (over) => ({
  ...example('listAssignments').items[0],
  subjectName: 'Alice Anders',
  startAt: at(-80),
  ...over,
})
export const assignments = [
  assignment({
    id: 'customs.alice.a1',
    packageId: 'customs',
    packageName: 'Customs declarations',
    status: 'PartiallyDelivered',
    endAt: at(9),
  }),
  assignment({
    id: 'crane.alice.a1',
    packageId: 'crane',
    packageName: 'Crane control, day shift',
    endAt: at(80),
  }),
  assignment({
    id: 'mail.alice.a1',
    packageId: 'mail',
    packageName: 'Mailbox of the port office',
    endAt: null,
  }),
]
export const ended = [
  assignment({
    id: 'web-team.alice.a1',
    packageId: 'web-team',
    packageName: 'Web team',
    status: 'Expired',
    endAt: at(-20),
    endedAt: at(-20),
  }),
]
const history = (type, days, actor, data = {}) => ({
  position: String(1000 + days),
  at: at(days),
  type,
  actor,
  data,
})
export const user = (id) => ({ kind: 'user', id })
export const detail = (of) => ({
  ...example('getRequest'),
  ...of,
  subject: { id: of.subjectId, displayName: of.subjectName, email: `${of.subjectId}@example.com` },
  accessPackage: { id: of.packageId, displayName: of.packageName },
  roles: packages.find(({ id }) => id === of.packageId)?.roles ?? [],
  history: [
    history('RequestSubmitted.v1', -2, user(of.subjectId), {
      kind: 'new',
      justification: of.justification,
    }),
    ...(of.status === 'Denied'
      ? [
          history('ApprovalDenied.v1', -1, user('bob'), {
            justification: 'Please ask for the contractor package.',
            stage: 1,
          }),
        ]
      : []),
    ...(of.status === 'Fulfilled'
      ? [
          history('ApprovalGranted.v1', -1, user('bob'), { stage: 1 }),
          history('AssignmentStarted.v1', -1, { kind: 'system', id: 'engine' }, { endAt: at(89) }),
          history('DeliveryFailed.v1', -0.9, { kind: 'system', id: 'engine' }, {}),
        ]
      : []),
  ],
})
export const session = (id, over) => ({
  id,
  current: false,
  issuer: 'https://login.example.com',
  startedAt: at(-0.2),
  seenAt: at(0),
  idleUntil: at(0.02),
  endsAt: at(0.3),
  authTime: at(-0.2),
  acr: null,
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156 Safari/537.36',
  ...over,
})
