import { allProjections } from '@portcullis/views'
import type { Sent } from './director.ts'
import type { World } from './world.ts'

/** What a probe found wrong, and how many things it looked at. */
export interface Probed {
  readonly wrong: readonly string[]
  readonly looked: number
}

/**
 * Promise 6: every command of the play is sent once more; the answer must be the one of then, and the log must not
 * grow.
 */
export const probeRepeats = async ({ runtime }: World, sent: readonly Sent[]): Promise<Probed> => {
  const before = await runtime.store.head()
  const wrong: string[] = []
  for (const { command, commandId, caller, answer } of sent) {
    const again = await runtime.application.execute(command, { commandId, caller })
    const text = again.ok ? JSON.stringify(again.result) : again.refusal.code
    if (text !== answer) wrong.push(`${command.type} ${commandId}: first ${answer}, then ${text}`)
  }
  const grown = (await runtime.store.head()) - before
  if (grown !== 0n) wrong.push(`the log grew by ${grown} events`)
  return { wrong, looked: sent.length }
}

/** Promise 1: every view, filled anew from the log, equals the live one. */
export const probeViews = async ({ runtime }: World): Promise<Probed> => {
  const wrong: string[] = []
  for (const { name } of allProjections) {
    const { equal, differences } = await runtime.projections.verify(name)
    if (!equal) wrong.push(`${name}: ${differences.join(', ')}`)
  }
  return { wrong, looked: allProjections.length }
}

/** Promise 8: every view is rebuilt and swapped; no mail may leave and no connector may be called meanwhile. */
export const probeReplay = async (
  { runtime, mails, connector }: World,
  settled: () => Promise<void>,
): Promise<Probed> => {
  const before = { mails: mails.length, calls: connector.calls }
  for (const { name } of allProjections) await runtime.projections.rebuild(name)
  await settled()
  const wrong = [
    ...(mails.length === before.mails ? [] : [`${mails.length - before.mails} mails left`]),
    ...(connector.calls === before.calls
      ? []
      : [`${connector.calls - before.calls} calls of the connector`]),
  ]
  return { wrong, looked: allProjections.length }
}
