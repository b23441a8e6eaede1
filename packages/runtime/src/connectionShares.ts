/** How many connections to the database each part of a process may have: together what `databaseConnections` says. */
export interface ConnectionShares {
  /** For commands, queries, projections and reactors. */
  readonly engine: number
  /** For reading the log. */
  readonly readers: number
  /** For working on the queue. */
  readonly jobs: number
  /** For looking at the process from outside. */
  readonly monitor: number
  /** For looking at the queue: metrics, and the board where there is one. */
  readonly queueLooks: number
}

/** What a configuration says of them. */
interface ConnectionNeeds {
  readonly databaseConnections: number
  readonly eventStore: object | undefined
  readonly redisUrl: string | undefined
  readonly queueBoard: boolean
}

/** Below that a part would be left with too few: those whose work holds one while it asks for another. */
export const LEAST_CONNECTIONS = 20

/** One says that the database is in use. What migrates has another one, before anybody works on the queue. */
const USE = 1
/** One appends, one listens. */
const LOG = 2
const LOOKS = 2
/** Of what is left. */
const WEIGHTS = { engine: 20, readers: 4, jobs: 20 } as const

/** What is in EventStoreDB or on Redis needs none, and leaves its share to the others. */
export const shareConnections = ({
  databaseConnections,
  eventStore,
  redisUrl,
  queueBoard,
}: ConnectionNeeds): ConnectionShares => {
  const logHere = eventStore === undefined
  const queueHere = redisUrl === undefined
  const looks = queueHere ? LOOKS * (queueBoard ? 2 : 1) : 0
  const rest = databaseConnections - USE - (logHere ? LOG : 0) - LOOKS - looks
  const weights = WEIGHTS.engine + (logHere ? WEIGHTS.readers : 0) + (queueHere ? WEIGHTS.jobs : 0)
  const share = (weight: number): number => Math.floor((rest * weight) / weights)
  const readers = logHere ? Math.max(1, share(WEIGHTS.readers)) : 0
  const jobs = queueHere ? share(WEIGHTS.jobs) : 0
  return { engine: rest - readers - jobs, readers, jobs, monitor: LOOKS, queueLooks: LOOKS }
}
