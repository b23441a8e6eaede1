import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { PROBLEM_MEDIA_TYPE } from '@portcullis/api-contract'
import { codeOf } from '@portcullis/core'
import type { FastifyInstance } from 'fastify'
import { ApiProblem, problemBody } from './problems.ts'

/** Headers of every answer: nothing is cached, framed, sniffed or run. */
export const securityHeaders = (baseUrl: string): Readonly<Record<string, string>> => ({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  ...(baseUrl.startsWith('https://')
    ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }
    : {}),
})

/** Answers what isn't HTTP enough to become a request: oversized headers, a client that is too slow, garbage. */
export const answerBrokenHttp = (error: Error, socket: Socket): void => {
  const code = codeOf(error)
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    code === 'HPE_HEADER_OVERFLOW'
      ? new ApiProblem(431, 'http.headers-too-large', 'the headers are larger than the limit')
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new ApiProblem(408, 'http.too-slow', 'the request did not arrive in time')
        : new ApiProblem(400, 'http.malformed', 'this is not an HTTP request')
  const body = JSON.stringify(problemBody(problem, randomUUID()))
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${REASONS[problem.status] ?? 'Error'}`,
      `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/**
 * Keeps clients from delaying a stop. Between requests they are closed by Fastify; here, those that have never sent a
 * byte (browsers open connections in advance), which Node doesn't count as idle, and after `drainMillis` those that are
 * still at it.
 */
export const hangUpOnClosing = (app: FastifyInstance, drainMillis: number): void => {
  const connections = new Set<Socket>()
  app.server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    const cut = setTimeout(() => app.server.closeAllConnections(), drainMillis)
    app.server.once('close', () => clearTimeout(cut))
  })
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}
