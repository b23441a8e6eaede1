import { actorKey, deriveId, jsonEqual, storedCommandId } from '@portcullis/core'
import { type Dice, dice } from '@portcullis/core/testing'
import { type PolicyTerms, parseAssignmentId, parseRequestId } from '@portcullis/domain'
import type { CommandAnswer } from '../commands/commandAnswer.ts'
import { checkAtRest, checkOnTheWay } from './checks.fixture.ts'
import { anySent, engineKey, type Known, probesOf, type Sent, user } from './commands.fixture.ts'
import { createEngine } from './engine.fixture.ts'
import { checkGap, type Moment } from './oracle.fixture.ts'
import { createOrganisation, PACKAGES, PEOPLE, ROLES, SUBJECTS } from './organisation.fixture.ts'
import { beginning } from './packages.fixture.ts'
import { createTime } from './time.fixture.ts'
import { rebuilt } from './views.fixture.ts'

const HOUR = 3_600_000
const EVERYTHING = Number.POSITIVE_INFINITY
const ALL = 100_000
const FOR_EVER = '9999-12-31T23:59:59.999Z'

export interface Outcome {
  /** Promise to what was found wrong with it. */
  readonly broken: ReadonlyMap<number, readonly string[]>
  readonly story: readonly string[]
  readonly types: ReadonlySet<string>
}

/**
 * Plays a script on a small engine in memory until it comes to rest, and looks whether the promises were kept on the
 * way and at the end.
 */
export const play = async (script: readonly number[]): Promise<Outcome> => {
  const first = script[0] ?? 0
  const chance = dice(first)
  const broken = new Map<number, string[]>()
  const story: string[] = []
  const broke = (promise: number, sentence: string): void => {
    story.push(`  BROKEN ${promise}: ${sentence}`)
    broken.set(promise, [...(broken.get(promise) ?? []), sentence])
  }
  const organisation = createOrganisation()
  const time = createTime()
  const before = ROLES.flatMap((role) =>
    SUBJECTS.filter(() => chance.chance(8)).map((subject) => `${role}.${subject}`),
  )
  let healing = false
  const engine = createEngine({
    log: await beginning(first),
    organisation,
    time,
    chance,
    before,
    patient: () => healing || chance.chance(85),
    changed: (what, grantId) => {
      story.push(`  the target: ${what} ${grantId}`)
      const everHeld = engine
        .events()
        .some(({ type, stream }) => type === 'HoldAdded.v1' && stream === `grant-${grantId}`)
      if (!everHeld)
        broke(what === 'granted' ? 3 : 4, `${grantId} was ${what}; nobody ever held it`)
      if (what === 'revoked') checkGap(grantId, engine.events(), broke)
      if (what === 'revoked' && before.includes(grantId))
        broke(4, `${grantId} was there before us, and was revoked`)
    },
    broke,
  })
  const known: Known = { requests: new Map(), assignments: new Map() }
  const sentBefore: { readonly id: string; readonly sent: Sent; answer: CommandAnswer }[] = []
  /** Who was what, from a position on. */
  const moments: { readonly from: bigint; readonly moment: Moment }[] = []
  const note = (): void => {
    moments.push({ from: BigInt(engine.events().length + 1), moment: momentNow() })
  }
  const momentNow = (): Moment => {
    const enabled = new Set(PEOPLE.filter((id) => organisation.isEnabled(id)))
    const leads = new Set([...enabled].filter((id) => organisation.isMember('leads', id)))
    const inScope = new Set<string>(
      SUBJECTS.filter((id) => organisation.isMember('eng', id) && organisation.isEnabled(id)),
    )
    return {
      isApprover: (id, { approval }: PolicyTerms, stage) =>
        approval.required &&
        approval.stages[stage - 1]?.approvers.some(({ kind, id: named }) =>
          kind === 'user' ? named === id && enabled.has(id) : leads.has(id),
        ) === true,
      isInScope: (id) => inScope.has(id),
    }
  }
  const momentOf = (position: bigint): Moment =>
    moments.findLast(({ from }) => from <= position)?.moment ?? momentNow()

  const learn = (answer: CommandAnswer): void => {
    if (!answer.ok) return
    const { requestId, assignmentId } = answer.result
    const request = parseRequestId(requestId ?? '')
    const assignment = parseAssignmentId(assignmentId ?? '')
    if (request) known.requests.set(request.entitlementId, request.number)
    if (assignment) known.assignments.set(assignment.entitlementId, assignment.number)
  }
  const execute = async (id: string, { command, caller }: Sent): Promise<CommandAnswer> => {
    const answer = await engine.execute(command, { commandId: id, caller })
    const said = answer.ok ? `ok at ${answer.position}` : answer.refusal.code
    story.push(`${time.now()} ${caller.actor.id}: ${JSON.stringify(command)} → ${said}`)
    learn(answer)
    return answer
  }
  let commands = 0
  const taken = new Set<string>()
  /**
   * A key of the sender's own, or one by which the engine calls a command of its own that may come: it must come all
   * the same.
   */
  const keyOf = ({ caller }: Sent): string => {
    const own = deriveId('simulation', 'command', commands)
    if (!chance.chance(15)) return own
    const theirs = engineKey(chance)
    const used = `${actorKey(caller.actor)} ${theirs}`
    if (taken.has(used)) return own
    taken.add(used)
    return theirs
  }
  const send = async (sent: Sent): Promise<void> => {
    commands += 1
    const id = keyOf(sent)
    const answer = await execute(id, sent)
    sentBefore.push({ id, sent, answer })
    if (answer.ok) await readOwnWrites(answer)
  }
  /**
   * Promise 7: right after the answer, no view has seen it; and the view that has reached the answer's position shows
   * it.
   */
  const readOwnWrites = async ({ result }: Extract<CommandAnswer, { ok: true }>): Promise<void> => {
    for (const command of probesOf(result)) {
      const code = await engine.tell(command)
      if (code.endsWith('not-found')) broke(7, `${JSON.stringify(command)}: ${code}`)
    }
    if (result.requestId === undefined || !chance.chance(10)) return
    await engine.views.catchUp()
    const shown = engine.views.tables.rows('requests').some(({ id }) => id === result.requestId)
    if (!shown) broke(7, `${result.requestId} isn't in the view that has reached it`)
  }
  /** Promise 6: sent again, however much later. */
  const repeat = async (dice: Dice): Promise<void> => {
    const earlier = sentBefore[dice.int(0, sentBefore.length - 1)]
    if (earlier === undefined || !earlier.answer.ok) return
    // One that had nothing to do left no trace, and is decided anew (ADR 0006).
    const stored = storedCommandId(earlier.sent.caller.actor, earlier.id)
    const traced = engine.events().some(({ metadata }) => metadata.commandId === stored)
    const head = engine.events().length
    const again = await engine.execute(earlier.sent.command, {
      commandId: earlier.id,
      caller: earlier.sent.caller,
    })
    const changed = engine.events().length !== head
    const { kind, id } = earlier.sent.caller.actor
    // Who was disabled since learns nothing, and does nothing either.
    const same =
      kind === 'user' && !organisation.isEnabled(id)
        ? !again.ok
        : again.ok &&
          jsonEqual({ ...again, repeated: false }, { ...earlier.answer, repeated: false })
    if (!traced) earlier.answer = again
    else if (!same || changed)
      broke(6, `${JSON.stringify(earlier.sent.command)} sent again: another answer`)
  }
  /** Two at once: the same command twice, or two people at the same thing. */
  const race = async (dice: Dice): Promise<void> => {
    const sent = anySent(time.now(), known, dice)
    const rival = dice.chance(50)
      ? sent
      : { ...sent, caller: anySent(time.now(), known, dice).caller }
    commands += 2
    const id = deriveId('simulation', 'command', commands)
    const other = rival === sent ? id : deriveId('simulation', 'command', commands - 1)
    const [one, two] = await Promise.all([execute(id, sent), execute(other, rival)])
    if (rival !== sent || !one.ok) return
    const same = two.ok && jsonEqual({ ...one, repeated: false }, { ...two, repeated: false })
    if (!same) broke(6, `${JSON.stringify(sent.command)} sent twice at once: two answers`)
  }
  const changeOrganisation = (dice: Dice): void => {
    const person = dice.pick(['lea', 'leo', 'alice'])
    if (dice.chance(60)) organisation.toggleMember('leads', person)
    else organisation.toggleEnabled(person)
    story.push(`${person} changes`)
    note()
  }
  /** Promise 8: filling views anew calls nobody, and asks nobody to. */
  const replay = async (dice: Dice): Promise<void> => {
    const calls = () =>
      [
        engine.target.calls(),
        engine.queue.calls(),
        engine.mails(),
        engine.routed(),
        engine.events().length,
      ].join(' ')
    const beforehand = calls()
    await engine.views.catchUp()
    const anew = await rebuilt(engine.store, dice.pick([ALL, 7, 1]))
    if (calls() !== beforehand) broke(8, `a replay did something: ${beforehand}, then ${calls()}`)
    if (anew !== engine.views.tables.content())
      broke(1, 'a view filled anew differs from the live one')
    await checkOnTheWay(engine, before, broke)
  }
  const firstDue = async (): Promise<string | undefined> =>
    (await engine.views.views.dueDeadlines(FOR_EVER, 1))[0]?.dueAt
  const passTime = async (dice: Dice): Promise<void> => {
    const dueAt = await firstDue()
    if (dueAt !== undefined && dueAt > time.now() && dice.chance(50)) {
      const left = Date.parse(dueAt) - Date.parse(time.now())
      time.pass(left + dice.pick([-1, 0, 0, 1]))
    } else time.pass(dice.pick([1, 1_000, 30_000, 61_000, HOUR, 5 * HOUR, -1_000, -HOUR]))
    story.push(`it is ${time.now()}`)
  }
  const step = async (dice: Dice): Promise<void> => {
    const kind = dice.int(1, 100)
    const steps = dice.pick([1, 2, 3, 5, 8, 13, EVERYTHING, EVERYTHING, EVERYTHING])
    if (kind <= 34) await send(anySent(time.now(), known, dice))
    else if (kind <= 38) await race(dice)
    else if (kind <= 42) await repeat(dice)
    else if (kind <= 46) changeOrganisation(dice)
    else if (kind <= 56) await passTime(dice)
    else if (kind <= 64) await engine.route(dice.pick([1, 3, ALL]), dice.chance(15))
    else if (kind <= 69) await engine.views.project(dice.pick([1, 2, 5, ALL]))
    else if (kind <= 82) {
      const name = await engine.work(steps, dice.chance(30) ? dice : undefined)
      if (name !== undefined) story.push(`  worked: ${name}, ${steps} steps`)
    } else if (kind <= 88) await engine.tasks.resume(dice.int(0, engine.tasks.count() - 1), steps)
    else if (kind <= 91) engine.sweep()
    else if (kind <= 92) engine.queue.wipe()
    else if (kind <= 94) engine.queue.lose(dice)
    else if (kind <= 96) engine.queue.double(dice)
    else if (kind <= 98) {
      engine.crash()
      story.push('CRASH')
    } else if (kind <= 99) engine.target.toggleReach()
    else await replay(dice)
  }

  const settle = async (): Promise<void> => {
    for (let round = 0; round < 40; round += 1) {
      const head = engine.events().length
      await engine.route(ALL, false)
      await engine.views.catchUp()
      let worked = 0
      while ((await engine.work(EVERYTHING)) !== undefined) {
        worked += 1
        if (worked === 500) break
      }
      if (worked === 0 && head === engine.events().length) return
    }
    broke(2, 'the engine never comes to rest')
  }
  /** From now on everything works: what failed for good is asked for again, and a sweep finds the rest. */
  const heal = async (): Promise<void> => {
    healing = true
    if (chance.chance(50)) engine.crash()
    else while (engine.tasks.count() > 0) await engine.tasks.resume(0, EVERYTHING)
    engine.target.mend()
    // What is held back or paused may stay so for ever.
    if (chance.chance(50))
      for (const packageId of PACKAGES) {
        await send({ command: { type: 'ResumeRollOut', packageId }, caller: user('admin') })
        await send({ command: { type: 'ReleaseRollOut', packageId }, caller: user('admin') })
      }
    for (let round = 0; round < 3; round += 1) {
      // A sweep leaves alone what changed a moment ago, also by a clock that was set back since.
      time.pass(time.behind() + 2 * HOUR)
      engine.sweep()
      await settle()
      const waiting = engine.views.tables.rows('grants').filter((row) => row.settled === false)
      if (waiting.length === 0) return
      for (const { id } of waiting) await engine.retryNow(String(id))
      await settle()
    }
  }
  const letTimePass = async (): Promise<void> => {
    for (let fired = 0; fired < 60; fired += 1) {
      const dueAt = await firstDue()
      if (dueAt === undefined) return
      time.pass(Math.max(0, Date.parse(dueAt) - Date.parse(time.now())))
      engine.sweep()
      await settle()
    }
    broke(5, 'timers go on without end')
  }

  note()
  for (const number of script.slice(1)) await step(dice(number))
  story.push('from now on everything works')
  await heal()
  await checkAtRest(engine, { before, now: time.now(), momentOf }, broke)
  story.push('time passes')
  await letTimePass()
  await checkAtRest(engine, { before, now: time.now(), momentOf }, broke)
  return { broken, story, types: new Set(engine.events().map(({ type }) => type)) }
}
