import { failure, startSmtpServer } from './smtpServer.ts'

export interface FlakySmtp {
  readonly port: number
  /** How often each Message-ID arrived whole and was taken, whether or not its sender learnt of it. */
  readonly arrivals: ReadonlyMap<string, number>
  /** How often each fault struck. */
  readonly faults: Readonly<Record<Fault, number>>
  close(): Promise<void>
}

/** Of a thousand mails, so many meet it; `none` is the rest. */
const FAULTS = {
  /** 450 to the recipient: greylisting. */
  'greylisted-recipient': 60,
  /** 451 to the message. */
  'greylisted-message': 60,
  /** The connection is cut in the middle of DATA. */
  'dropped-in-data': 30,
  /** The message is taken, then the connection is cut before the answer. */
  'answer-lost': 30,
  /** The message is taken, and the answer never comes. */
  'no-answer': 2,
  /** 421, and the connection is closed (RFC 5321 §3.8). */
  'closing-down': 10,
} as const
export type Fault = keyof typeof FAULTS

type FaultShares = Readonly<Partial<Record<Fault, number>>>

/**
 * A real SMTP server on loopback that fails often, by the throws of a seeded die; a recipient whose address begins with
 * `nobody-` is refused for good.
 * @param random from 0 up to 1
 * @param shares of a thousand mails, where they differ from the usual: a rare fault may miss a few mails altogether
 */
export const startFlakySmtp = async (
  random: () => number,
  shares: FaultShares = {},
): Promise<FlakySmtp> => {
  const all = Object.entries({ ...FAULTS, ...shares }) as readonly (readonly [Fault, number])[]
  const arrivals = new Map<string, number>()
  const faults = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<
    Fault,
    number
  >
  const planned = new Map<string, Fault>()
  const throwDie = (): Fault | undefined => {
    let left = random() * 1000
    for (const [fault, share] of all) {
      if (left < share) return fault
      left -= share
    }
    return undefined
  }
  const arrived = (chunks: readonly Buffer[]) => {
    const [, id = ''] =
      /^message-id:\s*(<[^>]+>)/im.exec(Buffer.concat(chunks).toString('latin1')) ?? []
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1)
  }

  const server = await startSmtpServer({
    onRcptTo: ({ address }, session, callback) => {
      if (address.startsWith('nobody-')) return callback(failure(550))
      const fault = throwDie()
      planned.delete(session.id)
      if (fault === undefined) return callback()
      faults[fault] += 1
      if (fault === 'greylisted-recipient') return callback(failure(450))
      if (fault === 'closing-down') return callback(failure(421))
      planned.set(session.id, fault)
      callback()
    },
    onData: (stream, session, callback) => {
      const fault = planned.get(session.id)
      const chunks: Buffer[] = []
      if (fault === 'dropped-in-data') server.cut(session)
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (fault === 'dropped-in-data') return
        if (fault === 'greylisted-message') {
          callback(failure(451))
          return
        }
        arrived(chunks)
        if (fault === 'answer-lost') server.cut(session)
        else if (fault !== 'no-answer') callback()
      })
    },
  })
  return {
    port: server.port,
    arrivals,
    faults,
    close: () => server.close(),
  }
}
