import type { Access, Connector, ManyAtOnce } from './connector.ts'

/** One call of a target, for one access or for many at once. */
export interface ConnectorCall {
  readonly operation: 'readBack' | 'grant' | 'revoke'
  readonly accesses: readonly Access[]
  readonly signal: AbortSignal
}

/** Does what belongs around a call, and the call itself; answers and throws what it does, or refuses to call. */
export type AroundCall = <Answer>(
  call: ConnectorCall,
  run: () => Promise<Answer>,
) => Promise<Answer>

/**
 * The same connector, with something around each of its calls that look at access or change it, many at once as one
 * call.
 * `probe`, `abilities`, `holders` and `close` go straight through.
 */
export const aroundConnector = (connector: Connector, around: AroundCall): Connector => {
  const { name, preexisting, many, abilities, holders } = connector
  const one = (operation: ConnectorCall['operation'], access: Access, signal: AbortSignal) => ({
    operation,
    accesses: [access],
    signal,
  })
  return {
    name,
    ...(preexisting === undefined ? {} : { preexisting }),
    probe: () => connector.probe(),
    ...(abilities === undefined ? {} : { abilities: abilities.bind(connector) }),
    readBack: (access, signal) =>
      around(one('readBack', access, signal), () => connector.readBack(access, signal)),
    grant: (access, signal, operationId) =>
      around(one('grant', access, signal), () => connector.grant(access, signal, operationId)),
    revoke: (access, signal, operationId) =>
      around(one('revoke', access, signal), () => connector.revoke(access, signal, operationId)),
    ...(many === undefined ? {} : { many: aroundMany(many, around) }),
    ...(holders === undefined ? {} : { holders: holders.bind(connector) }),
    close: () => connector.close(),
  }
}

const aroundMany = (many: ManyAtOnce, around: AroundCall): ManyAtOnce => {
  const of = (operations: readonly { readonly access: Access }[]): readonly Access[] =>
    operations.map(({ access }) => access)
  return {
    most: many.most,
    readBack: (accesses, signal) =>
      around({ operation: 'readBack', accesses, signal }, () => many.readBack(accesses, signal)),
    grant: (operations, signal) =>
      around({ operation: 'grant', accesses: of(operations), signal }, () =>
        many.grant(operations, signal),
      ),
    revoke: (operations, signal) =>
      around({ operation: 'revoke', accesses: of(operations), signal }, () =>
        many.revoke(operations, signal),
      ),
  }
}
