import {
  type Access,
  type Connector,
  ConnectorError,
  type GrantAnswer,
  type ManyAtOnce,
  type Operation,
  type ReadBack,
} from '@portcullis/provisioning'
import type { Target } from './targets.ts'

/** What came of one access of a call. */
export type CallOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: unknown }

/** An operation to carry out on a target. */
export interface Order extends Target {
  readonly operationId: string
}

/** What the targets say of accesses, in the order of the targets. */
export const readBackAll = (
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<readonly CallOutcome<ReadBack>[]> =>
  callEach<Target, ReadBack>(
    targets,
    ({ connector, access }) => connector.readBack(access, signal),
    (many, all) => many.readBack(all.map(accessOf), signal),
  )

/** Grants or revokes, and gives the targets' answers in the order of the orders. */
export const carryOut = (
  operation: 'grant' | 'revoke',
  orders: readonly Order[],
  signal: AbortSignal,
): Promise<readonly CallOutcome<GrantAnswer>[]> =>
  callEach<Order, GrantAnswer>(
    orders,
    ({ connector, access, operationId }) => connector[operation](access, signal, operationId),
    (many, all) => many[operation](all.map(operationOf), signal),
  )

const accessOf = ({ access }: Target): Access => access
const operationOf = ({ access, operationId }: Order): Operation => ({ access, operationId })

/**
 * Each connector is called separately and at the same time as the others: with many where it takes many, else side by
 * side.
 */
const callEach = async <Asked extends Target, Value>(
  asked: readonly Asked[],
  callOne: (one: Asked) => Promise<Value>,
  callMany: (
    many: ManyAtOnce,
    all: readonly Asked[],
  ) => Promise<readonly (Value | ConnectorError)[]>,
): Promise<readonly CallOutcome<Value>[]> => {
  const answers = new Map<Asked, CallOutcome<Value>>()
  const alone = async (one: Asked): Promise<void> => {
    answers.set(one, await attempt(() => callOne(one)))
  }
  const together = async (many: ManyAtOnce, all: readonly Asked[]): Promise<void> => {
    const called = await attempt(() => callMany(many, all))
    for (const [index, one] of all.entries()) {
      const value = called.ok ? called.value[index] : undefined
      if (!called.ok) answers.set(one, called)
      else if (value instanceof ConnectorError) answers.set(one, { ok: false, error: value })
      else if (index < called.value.length) answers.set(one, { ok: true, value: value as Value })
      else answers.set(one, { ok: false, error: new Error('the connector gave no answer') })
    }
  }
  const calls: Promise<void>[] = []
  for (const [{ many }, all] of Map.groupBy(asked, ({ connector }): Connector => connector)) {
    if (many === undefined || all.length === 1) calls.push(...all.map(alone))
    else
      for (let index = 0; index < all.length; index += many.most)
        calls.push(together(many, all.slice(index, index + many.most)))
  }
  await Promise.all(calls)
  return asked.map((one) => answers.get(one) ?? { ok: false, error: new Error('not asked') })
}

const attempt = async <Value>(call: () => Promise<Value>): Promise<CallOutcome<Value>> => {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    return { ok: false, error }
  }
}
