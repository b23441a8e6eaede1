import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'

/** A real SMTP server on loopback, for what a test wants of it. */
export interface SmtpServer {
  readonly port: number
  readonly url: string
  /** Breaks the connection of a session, or every one. */
  cut(session?: SMTPServerSession): void
  /** Breaks what is open, too. */
  close(): Promise<void>
}

/** A reply that refuses: for now below 500, else for good. */
export const failure = (code: number): Error & { responseCode: number } =>
  Object.assign(new Error(code < 500 ? 'greylisted, try again' : 'no such mailbox'), {
    responseCode: code,
  })

/**
 * Nobody has to sign in, and nothing is encrypted, unless the options say so.
 * @param at port; any that is free where not given
 */
export const startSmtpServer = async (options: SMTPServerOptions, at = 0): Promise<SmtpServer> => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...options,
  })
  // A sender that is killed breaks its connections.
  server.on('error', () => {})
  const sockets = new Map<number, Socket>()
  server.server.on('connection', (socket: Socket) => {
    const { remotePort = 0 } = socket
    sockets.set(remotePort, socket)
    socket.on('close', () => sockets.delete(remotePort))
  })
  await new Promise<void>((resolve) => {
    server.listen(at, '127.0.0.1', resolve)
  })
  const { port } = server.server.address() as AddressInfo
  const cut = (session?: SMTPServerSession): void => {
    for (const [remotePort, socket] of sockets)
      if (session === undefined || session.remotePort === remotePort) socket.destroy()
  }
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        cut()
      }),
  }
}
