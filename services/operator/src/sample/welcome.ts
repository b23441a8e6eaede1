import { fold } from '@portcullis/core'
import {
  currentAssignment,
  type EntitlementEvent,
  entitlementDecider,
  entitlementId,
  entitlementStream,
  pendingRequest,
  requestId,
} from '@portcullis/domain'
import { dataPaths, type Runtime } from '@portcullis/runtime'

/** What to try: a package of the sample, its approver, and people who may ask for it, in this order. */
const TOUR = {
  packageId: 'marketing-basics',
  approverId: 'bob',
  requestorIds: ['alice', 'mareike-doering', 'birte-lorenzen', 'jannik-luebbe'],
} as const

interface Greeting {
  readonly text: string
  readonly value: object
}

/** What start prints: where it is, how to get a token, and three commands that work as printed. */
export const welcome = async (runtime: Runtime, url: string): Promise<Greeting> => {
  const { config } = runtime
  const tour = await nextTour(runtime)
  const commands =
    tour === undefined
      ? []
      : [
          `./portcullis request ${TOUR.packageId} --as ${tour.subjectId} --why "Campaign for the spring fair"`,
          `./portcullis approve ${tour.requestId} --as ${TOUR.approverId} --why "Welcome aboard"`,
          `./portcullis show ${tour.requestId} --as ${tour.subjectId}`,
        ]
  const token = './portcullis token --as alice'
  const mails =
    config.smtp === undefined ? `.eml files in ${dataPaths(config.dataDir).mails}` : 'SMTP'
  const lines = [
    '',
    `Portcullis is ready at ${url}  (API reference: ${url}/docs)`,
    `Data: ${config.dataDir}   Mails: ${mails}`,
    `A token for the API, here for alice: ${token}`,
    ...(commands.length === 0
      ? []
      : ['', 'To try it, in another terminal:', ...commands.map((command) => `  ${command}`)]),
    '',
    'Stop with Ctrl-C; everything is kept.',
  ]
  return {
    text: lines.join('\n'),
    value: { event: 'started', url, docs: `${url}/docs`, dataDir: config.dataDir, token, commands },
  }
}

/**
 * The first of the tour's people who hasn't the package and hasn't asked; undefined when the sample isn't there, or all
 * have it.
 */
const nextTour = async ({ store, directory }: Runtime) => {
  const people = await directory.people([TOUR.approverId, ...TOUR.requestorIds])
  if (!people.has(TOUR.approverId)) return undefined
  for (const subjectId of TOUR.requestorIds) {
    if (!people.has(subjectId)) continue
    const id = entitlementId(TOUR.packageId, subjectId)
    const events = await store.readStream(entitlementStream(id))
    const state = fold(entitlementDecider, events as readonly EntitlementEvent[])
    if (currentAssignment(state) === undefined && pendingRequest(state) === undefined)
      return { subjectId, requestId: requestId(id, state.requests.length + 1) }
  }
  return undefined
}
