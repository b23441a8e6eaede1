import {
  type EventStore,
  errorType,
  inSpan,
  type Jobs,
  type NewEvent,
  type NewJob,
  noTracing,
  type SpanAttributes,
  type Tracing,
} from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import type { MailTransport } from '@portcullis/notifications'
import { type Connector, ConnectorError, type ManyAtOnce } from '@portcullis/provisioning'

// Each is the same part, with a span around what it does. Nothing is wrapped where nothing is traced.

/** Each append is a span, and its events carry it. */
export const tracedStore = (
  store: EventStore,
  tracing: Tracing,
  system: 'postgresql' | 'eventstoredb',
): EventStore => {
  if (tracing === noTracing) return store
  const stamped = (events: readonly NewEvent[]): readonly NewEvent[] => {
    const traceparent = tracing.current()?.traceparent
    return traceparent === undefined
      ? events
      : events.map((event) => ({ ...event, metadata: { ...event.metadata, traceparent } }))
  }
  const appending = <T>(streams: number, events: number, append: () => Promise<T>): Promise<T> =>
    inSpan(
      tracing,
      {
        name: 'append',
        kind: 'client',
        attributes: {
          'db.system.name': system,
          'db.operation.name': 'append',
          'portcullis.streams': streams,
          'portcullis.events': events,
        },
      },
      append,
    )
  return {
    ...store,
    append: (stream, expected, events) =>
      appending(1, events.length, () => store.append(stream, expected, stamped(events))),
    appendAll: async (appends, options) => {
      if (appends.length === 0) return store.appendAll(appends, options)
      const events = appends.reduce((sum, append) => sum + append.events.length, 0)
      return appending(appends.length, events, () =>
        store.appendAll(
          appends.map((append) => ({ ...append, events: stamped(append.events) })),
          options,
        ),
      )
    },
  }
}

/** Each command from outside is a span. */
export const tracedApplication = (application: Application, tracing: Tracing): Application => {
  if (tracing === noTracing) return application
  const command = <Answer extends { readonly ok: boolean }>(
    type: string,
    correlationId: string | undefined,
    run: () => Promise<Answer>,
    outcomeOf: (answer: Answer) => SpanAttributes,
  ): Promise<Answer> =>
    inSpan(
      tracing,
      {
        name: `command ${type}`,
        attributes: { 'portcullis.command.type': type },
        ...(correlationId === undefined ? {} : { correlationId }),
      },
      async (span) => {
        const answer = await run()
        span.set(outcomeOf(answer))
        return answer
      },
    )
  return {
    ...application,
    execute: (sent, envelope) =>
      command(
        sent.type,
        envelope.correlationId,
        () => application.execute(sent, envelope),
        answerOf,
      ),
    receiveCallback: (report, connector, correlationId) =>
      command(
        'ReportFulfilment',
        correlationId,
        () => application.receiveCallback(report, connector, correlationId),
        answerOf,
      ),
    assignMany: (sent, envelope) =>
      command(
        'AssignMany',
        envelope.correlationId,
        () => application.assignMany(sent, envelope),
        ({ ok }) => ({ 'portcullis.outcome': ok ? 'accepted' : 'refused' }),
      ),
  }
}

const answerOf = (answer: Awaited<ReturnType<Application['execute']>>): SpanAttributes => {
  if (!answer.ok)
    return {
      'portcullis.outcome': 'refused',
      'portcullis.refusal.code': answer.refusal.code,
    }
  return { 'portcullis.outcome': answer.repeated ? 'repeated' : 'accepted' }
}

/** Most origins that a job carries into the queue. */
const MOST_ORIGINS = 128

/** Each job is a span that follows from what asked for it. */
export const tracedJobs = (jobs: Jobs, tracing: Tracing): Jobs => {
  if (tracing === noTracing) return jobs
  const traced = (job: NewJob): NewJob => {
    if (job.origins !== undefined) return { ...job, origins: job.origins.slice(0, MOST_ORIGINS) }
    const current = tracing.current()
    return current === undefined ? job : { ...job, origins: [current] }
  }
  return {
    ...jobs,
    enqueue: (added) => jobs.enqueue(added.map(traced)),
    work: (options) =>
      jobs.work({
        ...options,
        handler: (job, signal) =>
          inSpan(
            tracing,
            {
              name: `process ${job.queue}`,
              kind: 'consumer',
              origins: job.origins ?? [],
              attributes: {
                'messaging.system': 'bullmq',
                'messaging.operation.type': 'process',
                'messaging.operation.name': job.name,
                'messaging.destination.name': job.queue,
                'portcullis.attempt': job.attempt,
              },
            },
            () => options.handler(job, signal),
          ),
      }),
  }
}

/** Each call of a target is a span, with the time that it waits in line. */
export const tracedConnector = (connector: Connector, tracing: Tracing): Connector => {
  if (tracing === noTracing) return connector
  const { name, many } = connector
  const call = <Answer>(
    operation: string,
    accesses: number,
    run: () => Promise<Answer>,
  ): Promise<Answer> =>
    inSpan(
      tracing,
      {
        name: `${operation} ${name}`,
        kind: 'client',
        attributes: {
          'portcullis.connector': name,
          'portcullis.operation': operation,
          'portcullis.accesses': accesses,
        },
      },
      async (span) => {
        const answer = await run()
        const failures = Array.isArray(answer)
          ? answer.filter((one) => one instanceof ConnectorError)
          : []
        if (failures.length > 0) {
          span.set({ 'portcullis.failures': failures.length })
          span.failed(errorType(failures[0]))
        }
        return answer
      },
    )
  const tracedMany = (each: ManyAtOnce): ManyAtOnce => ({
    most: each.most,
    readBack: (accesses, signal) =>
      call('read back', accesses.length, () => each.readBack(accesses, signal)),
    grant: (operations, signal) =>
      call('grant', operations.length, () => each.grant(operations, signal)),
    revoke: (operations, signal) =>
      call('revoke', operations.length, () => each.revoke(operations, signal)),
  })
  return {
    ...connector,
    probe: () => connector.probe(),
    close: () => connector.close(),
    ...(connector.holders === undefined ? {} : { holders: connector.holders.bind(connector) }),
    readBack: (access, signal) => call('read back', 1, () => connector.readBack(access, signal)),
    grant: (access, signal, operationId) =>
      call('grant', 1, () => connector.grant(access, signal, operationId)),
    revoke: (access, signal, operationId) =>
      call('revoke', 1, () => connector.revoke(access, signal, operationId)),
    ...(many === undefined ? {} : { many: tracedMany(many) }),
  }
}

/** Each try to send a mail is a span. */
export const tracedTransport = (transport: MailTransport, tracing: Tracing): MailTransport => {
  if (tracing === noTracing) return transport
  return {
    send: (mail) =>
      inSpan(
        tracing,
        { name: 'send mail', kind: 'client', attributes: { 'portcullis.mail.kind': mail.kind } },
        async (span) => {
          const outcome = await transport.send(mail)
          span.set({ 'portcullis.mail.outcome': outcome.kind })
          if (outcome.kind !== 'accepted') span.failed(`mail.${outcome.kind}`)
          return outcome
        },
      ),
    close: () => transport.close(),
  }
}
