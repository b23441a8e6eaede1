import type { Instant } from '@portcullis/core'
import { deriveId } from '@portcullis/core'
import { type Caller, JOB_ROUTER, MAIL_REACTOR, type OutsideCommand } from '@portcullis/engine'
import { CommandFailed } from '../cli/output.ts'
import type { World } from './world.ts'

/** A command as it was sent and answered, to be sent again at the end. */
export interface Sent {
  readonly command: OutsideCommand
  readonly commandId: string
  readonly caller: Caller
  readonly answer: string
}

/** What the play may do at a moment. */
export interface Stage {
  readonly world: World
  /** Sends a command as a person; it must be accepted. */
  send(personId: string, command: OutsideCommand): Promise<void>
  /** Sends a command that must be refused with this code. */
  refused(personId: string, command: OutsideCommand, code: string): Promise<void>
}

export interface Scene {
  readonly at: Instant
  readonly play: (stage: Stage) => Promise<void>
}

export interface Played {
  readonly sent: readonly Sent[]
  /** Commands whose target was looked up right after them (promise 7). */
  readonly lookedUp: number
  /** Those that weren't found. */
  readonly notFound: readonly string[]
}

/** What the play writes down about its commands. */
interface Records {
  readonly sent: Sent[]
  lookedUp: number
  readonly notFound: string[]
}

const WAIT_MILLIS = 60_000

/** Runs until views and reactors have seen the whole log and no job is due. */
export const settle = async ({ runtime, jobs }: World): Promise<void> => {
  const { store, projections, progress } = runtime
  for (;;) {
    const head = await store.head()
    const seen =
      (await projections.waitFor(head, WAIT_MILLIS)) &&
      (await progress.waitFor([JOB_ROUTER, MAIL_REACTOR], head, WAIT_MILLIS))
    if (!seen) throw new CommandFailed(`the views or reactors did not reach position ${head}`)
    if ((await jobs.runDue()) === 0 && (await store.head()) === head) return
  }
}

/** Plays the scenes in the order of their times; between them, time stops wherever a job is due. */
export const playScenes = async (
  world: World,
  scenes: readonly Scene[],
  until: Instant,
): Promise<Played> => {
  const { clock, jobs } = world
  const records: Records = { sent: [], lookedUp: 0, notFound: [] }
  const stage = stageOf(world, records)
  await settle(world)
  for (const scene of [
    ...scenes.toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    { at: until, play: async () => {} },
  ]) {
    for (let due = jobs.nextDueAt(); due !== undefined && due < scene.at; due = jobs.nextDueAt()) {
      if (due > clock.now()) clock.set(due)
      await settle(world)
    }
    clock.set(scene.at)
    await settle(world)
    await scene.play(stage)
    await settle(world)
  }
  return records
}

const stageOf = (world: World, records: Records): Stage => {
  const { sent, notFound } = records
  const { application } = world.runtime
  const execute = async (personId: string, command: OutsideCommand) => {
    const commandId = deriveId('timelapse', sent.length)
    const caller: Caller = { actor: { kind: 'user', id: personId }, directoryRoles: [] }
    const answer = await application.execute(command, { commandId, caller })
    return { answer, commandId, caller }
  }
  return {
    world,
    send: async (personId, command) => {
      const { answer, commandId, caller } = await execute(personId, command)
      if (!answer.ok)
        throw new CommandFailed(
          `${command.type} by ${personId} was refused at ${world.clock.now()}: ${answer.refusal.message}`,
        )
      sent.push({ command, commandId, caller, answer: JSON.stringify(answer.result) })
      await application.waitFor(answer.position, WAIT_MILLIS)
      const { requestId } = answer.result
      if (requestId === undefined) return
      records.lookedUp += 1
      if ((await application.request(caller, requestId)) === undefined)
        notFound.push(`${requestId}, right after ${command.type} at position ${answer.position}`)
    },
    refused: async (personId, command, code) => {
      const { answer } = await execute(personId, command)
      const got = answer.ok ? 'accepted' : answer.refusal.code
      if (got !== code)
        throw new CommandFailed(
          `${command.type} by ${personId} should be refused with ${code}, but: ${got}`,
        )
    },
  }
}
