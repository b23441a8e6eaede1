import { deriveId, type RecordedEvent } from '@portcullis/core'
import { dice } from '@portcullis/core/testing'
import { createMemoryLog, type MemoryLog } from '@portcullis/event-store'
import { ensureDefaultCatalog } from '../commands/defaultCatalog.ts'
import { anyTerms, user } from './commands.fixture.ts'
import { createEngine } from './engine.fixture.ts'
import { createOrganisation, PACKAGES, ROLES } from './organisation.fixture.ts'
import { createTime } from './time.fixture.ts'

/** So many beginnings are made once, and copied for each run. */
const BEGINNINGS = 64
const made = new Map<number, readonly RecordedEvent[]>()

/** A log with the packages in it, one of a few: two packages that share a resource role. */
export const beginning = async (seed: number): Promise<MemoryLog> => {
  const number = seed % BEGINNINGS
  const events = made.get(number) ?? (await make(number))
  made.set(number, events)
  const log = createMemoryLog()
  log.all.push(...events)
  for (const event of events) {
    const stream = log.streams.get(event.stream) ?? []
    stream.push(event)
    log.streams.set(event.stream, stream)
  }
  return log
}

const make = async (number: number): Promise<readonly RecordedEvent[]> => {
  const chance = dice(number)
  const log = createMemoryLog()
  const time = createTime()
  const engine = createEngine({
    log,
    organisation: createOrganisation(),
    time,
    chance,
    patient: () => true,
    before: [],
    changed: () => {},
    broke: () => {},
  })
  await ensureDefaultCatalog({ store: engine.store, clock: time })
  for (const [index, packageId] of PACKAGES.entries()) {
    const answer = await engine.execute(
      {
        type: 'CreateAccessPackage',
        packageId,
        catalogId: 'default',
        displayName: packageId,
        description: '',
        hidden: false,
        resourceRoles: ROLES.slice(index, index + chance.int(1, 2)).map((role) => {
          const [resourceId = '', roleId = ''] = role.split('.')
          return { resourceId, roleId }
        }),
        policies: [{ policyId: 'standard', enabled: true, terms: anyTerms(chance) }],
      },
      { commandId: deriveId('simulation', number, packageId), caller: user('admin') },
    )
    if (!answer.ok) throw new Error(answer.refusal.message)
  }
  return log.all
}
