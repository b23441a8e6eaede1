import { addDays, addHours, endOfDate, entitlementId, grantId } from '@portcullis/domain'
import type { OutsideCommand } from '@portcullis/engine'
import type { Scene, Stage } from './director.ts'

/** The first quarter of 2026 at Northwind Harbour, in Berlin; the clocks change on 29 March. */
export const ZONE = 'Europe/Berlin'
export const START = addHours(endOfDate('2026-01-04', ZONE), 8)
export const END = addHours(endOfDate('2026-04-06', ZONE), 8)

/** The `hour` o'clock of the day-th day, from 0 for Monday 5 January; minutes as a fraction. */
const at = (day: number, hour: number): string =>
  addDays(addHours(endOfDate('2026-01-04', ZONE), hour), day, ZONE)

const ask = (
  packageId: string,
  subjectId: string,
  justification: string | null = null,
  policyId: string | null = null,
): OutsideCommand => ({ type: 'SubmitRequest', packageId, subjectId, policyId, justification })

const requestOf = (packageId: string, subjectId: string, number = 1): string =>
  `${entitlementId(packageId, subjectId)}.r${number}`
const assignmentOf = (packageId: string, subjectId: string, number = 1): string =>
  `${entitlementId(packageId, subjectId)}.a${number}`

const decide = (
  decision: 'approve' | 'deny',
  requestId: string,
  justification: string | null = null,
): OutsideCommand => ({ type: 'DecideApproval', requestId, decision, justification })

const extend = (assignmentId: string, justification: string | null = null): OutsideCommand => ({
  type: 'RequestExtension',
  assignmentId,
  justification,
})

/** People who look at the spring campaign; the first extends, the others let it run out. */
const FIRST_VIEWER = 'wei-wang'
const VIEWERS = [
  FIRST_VIEWER,
  'hina-sato',
  'ananya-sharma',
  'noa-cohen',
  'giorgos-papadopoulos',
  'fenna-de-boer',
  'anke-petersen',
  'joerg-schroeder',
]

/** Has had remote access since before Portcullis came. */
export const PREEXISTING = {
  id: 'hiroto-tanaka',
  userName: 'hiroto-tanaka',
  email: 'hiroto.tanaka@northwind-harbour.example',
  displayName: 'Hiroto Tanaka',
}
export const PREEXISTING_GRANT = grantId('vpn', 'member', PREEXISTING.id)

const sendEach = async (
  { send }: Stage,
  people: readonly string[],
  command: (personId: string) => OutsideCommand,
): Promise<void> => {
  for (const person of people) await send(person, command(person))
}

/** Three months of one company: what people do, and what goes wrong. Timers do the rest. */
export const QUARTER: readonly Scene[] = [
  scene(0, 9, ({ send }) =>
    send('alice', ask('marketing-basics', 'alice', 'New in the campaign team')),
  ),
  scene(0, 9.25, ({ refused }) =>
    refused(
      'alice',
      decide('approve', requestOf('marketing-basics', 'alice')),
      'approval.own-request',
    ),
  ),
  scene(0, 11, async ({ send, refused }) => {
    const request = requestOf('marketing-basics', 'alice')
    await send('bob', decide('approve', request, 'Welcome to the team'))
    await refused('birte-lorenzen', decide('deny', request), 'approval.already-decided')
  }),
  scene(1, 10, (stage) => sendEach(stage, VIEWERS, (person) => ask('campaign-viewer', person))),
  scene(1, 14, (stage) =>
    sendEach(stage, ['ole-asmussen', 'arne-martens', 'gesa-moeller'], (person) =>
      ask('developer', person),
    ),
  ),
  // Nobody looks at this one: it times out after seven days, and is asked for again.
  scene(2, 10, ({ send }) =>
    send('mareike-doering', ask('customer-register-reader', 'mareike-doering', 'Address labels')),
  ),
  scene(3, 9, ({ send }) =>
    send('thies-bracker', ask('customer-register-reader', 'thies-bracker', 'Curious')),
  ),
  scene(3, 15, ({ send }) =>
    send(
      'svenja-hoelscher',
      decide(
        'deny',
        requestOf('customer-register-reader', 'thies-bracker'),
        'Interns ask their mentor first',
      ),
    ),
  ),
  scene(4, 9, ({ send }) =>
    send('siobhan-o-bradaigh', ask('audit-room', 'siobhan-o-bradaigh', 'Annual audit 2025')),
  ),
  scene(4, 10, ({ send }) =>
    send('jonas-fruendt', decide('approve', requestOf('audit-room', 'siobhan-o-bradaigh'))),
  ),
  scene(5, 9, ({ send }) =>
    send('taras-shevchuk', ask('code-maintainer', 'taras-shevchuk', 'On call')),
  ),
  scene(5, 9.5, ({ send }) =>
    send('wouter-smits', decide('approve', requestOf('code-maintainer', 'taras-shevchuk'))),
  ),
  scene(7, 9, ({ send }) =>
    send('birte-lorenzen', ask('marketing-basics', 'birte-lorenzen', 'Changed my mind later')),
  ),
  scene(7, 10, ({ send }) =>
    send('birte-lorenzen', {
      type: 'CancelRequest',
      requestId: requestOf('marketing-basics', 'birte-lorenzen'),
      reason: 'Asked by mistake',
    }),
  ),
  scene(10, 9, ({ send }) =>
    send(
      'mareike-doering',
      ask('customer-register-reader', 'mareike-doering', 'Address labels, again'),
    ),
  ),
  scene(10, 12, ({ send }) =>
    send('dan', decide('approve', requestOf('customer-register-reader', 'mareike-doering', 2))),
  ),
  // A role comes to a package that people have.
  scene(11, 9, ({ send }) =>
    send('dan', {
      type: 'AddResourceRole',
      packageId: 'campaign-viewer',
      resourceId: 'marketing-team',
      roleId: 'member',
    }),
  ),
  // The target is down for a day, while people are approved and access runs out.
  scene(14, 8, async ({ world }) => world.connector.fail(true)),
  scene(14, 9, ({ send }) => send('yang-chen', ask('everyday-tools', 'yang-chen'))),
  scene(14, 10, ({ send }) => send('joao-conceicao', ask('campaign-viewer', 'joao-conceicao'))),
  scene(14, 11, ({ send }) =>
    send('gesa-moeller', {
      type: 'RemoveAssignment',
      assignmentId: assignmentOf('developer', 'gesa-moeller'),
      justification: 'Moves to another team',
    }),
  ),
  scene(15, 8, async ({ world }) => world.connector.fail(false)),
  // A role goes again; alice keeps hers, which marketing-basics confers as well.
  scene(18, 9, ({ send }) => send('alice', ask('campaign-viewer', 'alice'))),
  scene(20, 9, ({ send }) =>
    send('dan', {
      type: 'RemoveResourceRole',
      packageId: 'campaign-viewer',
      resourceId: 'marketing-team',
      roleId: 'member',
    }),
  ),
  // Somebody empties the queue.
  scene(22, 12, async ({ world }) => {
    world.jobs.wipe()
    await world.parts.worker.schedule()
  }),
  scene(23, 9, ({ send }) =>
    send(FIRST_VIEWER, extend(assignmentOf('campaign-viewer', FIRST_VIEWER))),
  ),
  scene(24, 9, ({ send }) =>
    send('carol', {
      type: 'AssignDirectly',
      packageId: 'personnel-files',
      subjectId: 'olena-kovalchuk',
      policyId: 'assigned',
      startAt: at(28, 8),
      endAt: at(42, 18),
      justification: 'Stands in for two weeks',
    }),
  ),
  // The access was there before: it is recorded, and not taken away at the end.
  scene(30, 9, async ({ world, send }) => {
    await world.connector.grant(
      {
        resource: { id: 'vpn', externalId: 'vpn' },
        role: { id: 'member', externalId: 'vpn:member' },
        subject: PREEXISTING,
      },
      AbortSignal.timeout(10_000),
    )
    await send(PREEXISTING.id, ask('everyday-tools', PREEXISTING.id))
  }),
  scene(40, 9, ({ send }) =>
    send(PREEXISTING.id, {
      type: 'RemoveAssignment',
      assignmentId: assignmentOf('everyday-tools', PREEXISTING.id),
      justification: null,
    }),
  ),
  scene(53, 9, ({ send }) =>
    send(FIRST_VIEWER, extend(assignmentOf('campaign-viewer', FIRST_VIEWER))),
  ),
  // Reminded 14 days before the end, alice asks to extend; the first request is refused, the second granted.
  scene(76.5, 9, ({ send }) =>
    send('alice', extend(assignmentOf('marketing-basics', 'alice'), 'The campaign goes on')),
  ),
  scene(77, 9, ({ send }) =>
    send('birte-lorenzen', decide('deny', requestOf('marketing-basics', 'alice', 2), 'Ask bob')),
  ),
  scene(89, 12, ({ send }) =>
    send('alice', extend(assignmentOf('marketing-basics', 'alice'), 'The campaign really goes on')),
  ),
  scene(89, 15, ({ send }) =>
    send('bob', decide('approve', requestOf('marketing-basics', 'alice', 3), 'It does')),
  ),
]

function scene(day: number, hour: number, play: Scene['play']): Scene {
  return { at: at(Math.floor(day), hour + (day % 1) * 24), play }
}
