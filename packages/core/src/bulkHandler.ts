import { type CommandIdentity, identityOf, keyReused } from './commandIdentity.ts'
import {
  type CommandEnvelope,
  type CommandOutcome,
  MAX_ATTEMPTS,
  TooManyConflicts,
} from './commandOutcome.ts'
import { type Decider, fold } from './decider.ts'
import {
  type AppendAllOptions,
  type EventStore,
  isRevisionConflict,
  NO_STREAM,
} from './eventStore.ts'
import {
  type DomainEvent,
  type EventMetadata,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type Revision,
  START,
} from './events.ts'
import { eventId } from './ids.ts'
import type { Clock, Instant } from './instant.ts'
import type { Refusal } from './refusals.ts'
import { outcomeOfRepeat } from './repeats.ts'
import { inSpan, noTracing, type Tracing } from './tracing.ts'

/** A stream as it was read, or as it is after an append. */
export interface LoadedStream<State, E extends DomainEvent> {
  readonly events: readonly NewEvent<E>[]
  readonly state: State
  /** Of the last event; undefined when there is none. */
  readonly revision: Revision | undefined
  /** Of the last event; START when there is none. */
  readonly position: Position
}

export interface SentCommand<Command> {
  readonly command: Command
  readonly envelope: CommandEnvelope
  /** Asked before a command is decided that isn't a repeat: what else speaks against it, whatever the rules say. */
  readonly admit?: () => Promise<Refusal | undefined>
}

/** The commands for one stream of a bulk. */
export interface StreamCommands<State, Command, E extends DomainEvent, Facts> {
  readonly stream: string
  readonly decider: Decider<State, Command, E, Facts>
  /**
   * Decided in turn, each on what those before it leave, and appended together. One that is refused leaves the others
   * alone.
   */
  readonly commands: readonly SentCommand<Command>[]
  /** Gathers what the decisions rely on, given the state before them; called again after a conflict. */
  readonly facts: (state: State) => Promise<Facts> | Facts
  /** The stream as the caller read it: spares the first read. Should it have moved on meanwhile, it is read again. */
  readonly known?: LoadedStream<State, E>
}

export interface StreamOutcome<State, E extends DomainEvent> {
  /** In the order of the commands. The position is that of the whole append. */
  readonly outcomes: readonly CommandOutcome<State, E>[]
  /** The stream after all of them. */
  readonly after: LoadedStream<State, E>
}

/** Makes of what was read a stream to decide on. */
export const loadedStream = <State, E extends DomainEvent>(
  decider: Pick<Decider<State, never, E, never>, 'initialState' | 'evolve'>,
  events: readonly RecordedEvent<E>[],
): LoadedStream<State, E> => {
  const last = events.at(-1)
  return {
    events,
    state: fold(decider, events),
    revision: last?.revision,
    position: last?.position ?? START,
  }
}

/**
 * Decides on many streams and appends to all of them together: loads those that the caller doesn't know, looks for each
 * command's id, decides, appends each stream at its exact revision; those in conflict, and only those, start again.
 * Each stream is on its own: when it throws, some may have been written, and the same commands may be sent again.
 * @param items each stream once
 * @param options of `appendAll`: with `inOrder`, what is decided lies in the log in the order of the items, but for
 *   peers among themselves and those in conflict, which come after
 * @returns an outcome for each stream, in order
 * @throws TooManyConflicts after {@link MAX_ATTEMPTS}; errors of the store or of `facts` as they are
 */
export const createBulkHandler =
  ({
    store,
    clock,
    tracing = noTracing,
  }: {
    readonly store: Pick<EventStore, 'readStreams' | 'appendAll'>
    readonly clock: Clock
    readonly tracing?: Tracing
  }) =>
  async <State, Command, E extends DomainEvent, Facts>(
    items: readonly StreamCommands<State, Command, E, Facts>[],
    options: AppendAllOptions = {},
  ): Promise<readonly StreamOutcome<State, E>[]> => {
    const done = new Map<string, StreamOutcome<State, E>>()
    let left = items
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === MAX_ATTEMPTS) throw new TooManyConflicts(left[0]?.stream ?? '')
      const loaded = await load(store, left)
      const drafts = await inSpan(
        tracing,
        { name: 'decide', attributes: { 'portcullis.streams': loaded.length } },
        () => Promise.all(loaded.map(([item, before]) => decideAll(item, before, clock))),
      )
      const news = drafts.filter(({ events }) => events.length > 0)
      const appended = await store.appendAll(
        news.map(({ stream, before, events }) => ({
          stream,
          expected: before.revision ?? NO_STREAM,
          events,
        })),
        options,
      )
      const conflicts = new Set<string>()
      for (const draft of drafts)
        if (draft.events.length === 0) done.set(draft.stream, outcomeOf(draft))
      for (const [index, draft] of news.entries()) {
        const result = appended[index]
        if (result === undefined) throw new Error('the store gave no outcome')
        // What the store found there already was decided by somebody else, or before: the answer is what lies there,
        // not what would have been decided now.
        if (isRevisionConflict(result) || result.repeated) conflicts.add(draft.stream)
        else done.set(draft.stream, outcomeOf(draft, result))
      }
      left = left
        .filter(({ stream }) => conflicts.has(stream))
        .map(({ known: _outdated, ...item }) => item)
    }
    return items.map(({ stream }) => {
      const outcome = done.get(stream)
      if (outcome === undefined) throw new Error(`no outcome for stream ${stream}`)
      return outcome
    })
  }

const load = async <State, Command, E extends DomainEvent, Facts>(
  store: Pick<EventStore, 'readStreams'>,
  items: readonly StreamCommands<State, Command, E, Facts>[],
): Promise<
  readonly (readonly [StreamCommands<State, Command, E, Facts>, LoadedStream<State, E>])[]
> => {
  const toRead = items.filter(({ known }) => known === undefined)
  const read = await store.readStreams(toRead.map(({ stream }) => ({ stream })))
  const histories = read.values()
  return items.map((item) => [
    item,
    item.known ??
      loadedStream(item.decider, (histories.next().value ?? []) as readonly RecordedEvent<E>[]),
  ])
}

/** What is decided and to be appended, before it has a place. */
interface Draft<State, E extends DomainEvent> {
  readonly stream: string
  readonly before: LoadedStream<State, E>
  readonly events: readonly NewEvent<E>[]
  readonly state: State
  readonly steps: readonly Step<State, E>[]
}
type Step<State, E extends DomainEvent> =
  | CommandOutcome<State, E>
  /** Its events are those up to `to` of the draft's, and the state is what they leave. */
  | {
      readonly from: number
      readonly to: number
      readonly state: State
      /** The same as a command before it in the same bulk. */
      readonly repeated?: true
    }

const decideAll = async <State, Command, E extends DomainEvent, Facts>(
  { stream, decider, commands, facts: gather }: StreamCommands<State, Command, E, Facts>,
  before: LoadedStream<State, E>,
  clock: Clock,
): Promise<Draft<State, E>> => {
  const events: NewEvent<E>[] = []
  const steps: Step<State, E>[] = []
  /** What commands of this bulk have been decided to, by their ids. */
  const drafted = new Map<string, Drafted<State>>()
  let { state } = before
  let facts: { readonly are: Facts } | undefined
  for (const { command, envelope, admit } of commands) {
    const identity = identityOf(envelope)
    const earlier = drafted.get(identity.id)
    const repeated =
      earlier === undefined
        ? outcomeOfRepeat(decider, before, identity)
        : repeatOfDrafted(earlier, identity)
    if (repeated !== undefined) {
      steps.push(
        repeated === 'reused' ? { ok: false, refusal: keyReused(envelope.commandId) } : repeated,
      )
      continue
    }
    const refusal = await admit?.()
    if (refusal !== undefined) {
      steps.push({ ok: false, refusal })
      continue
    }
    facts ??= { are: await gather(before.state) }
    const at = clock.now()
    const decision = decider.decide(command, state, { now: at, actor: envelope.actor }, facts.are)
    if (!decision.ok) {
      steps.push(decision)
      continue
    }
    const from = events.length
    const metadata = metadataOf(envelope, identity, at)
    for (const [index, event] of decision.events.entries()) {
      events.push({ ...event, id: eventId(identity.id, stream, index, metadata), metadata })
      state = decider.evolve(state, event)
    }
    const step = { from, to: events.length, state }
    // A command that had nothing to do leaves no trace, here as in the log.
    if (step.to > from) drafted.set(identity.id, { step, digest: identity.digest })
    steps.push(step)
  }
  return { stream, before, events, state, steps }
}

interface Drafted<State> {
  readonly step: { readonly from: number; readonly to: number; readonly state: State }
  readonly digest: string | undefined
}

const repeatOfDrafted = <State>({ step, digest }: Drafted<State>, identity: CommandIdentity) =>
  digest === identity.digest ? { ...step, repeated: true as const } : ('reused' as const)

const metadataOf = (
  envelope: CommandEnvelope,
  { id, outerId, digest }: CommandIdentity,
  at: Instant,
): EventMetadata => ({
  commandId: id,
  ...(outerId === undefined ? {} : { outerId }),
  ...(digest === undefined ? {} : { digest }),
  correlationId: envelope.correlationId ?? envelope.commandId,
  ...(envelope.causationId === undefined ? {} : { causationId: envelope.causationId }),
  actor: envelope.actor,
  ...(envelope.authentication === undefined ? {} : { authentication: envelope.authentication }),
  at,
})

const outcomeOf = <State, E extends DomainEvent>(
  { before, events, state, steps }: Draft<State, E>,
  appended?: { readonly position: Position },
): StreamOutcome<State, E> => {
  const position = appended?.position ?? before.position
  const revisionAfter = (count: number): Revision | undefined =>
    count === 0 ? before.revision : (before.revision ?? -1n) + BigInt(count)
  return {
    outcomes: steps.map((step) =>
      'ok' in step
        ? step
        : {
            ok: true,
            events: events.slice(step.from, step.to),
            state: step.state,
            position,
            revision: revisionAfter(step.to),
            repeated: step.repeated === true,
          },
    ),
    after:
      appended === undefined
        ? before
        : {
            events: [...before.events, ...events],
            state,
            revision: revisionAfter(events.length),
            position,
          },
  }
}
