import { inSpan, type SpanAttributes } from '@portcullis/core'
import type { Application } from '@portcullis/engine'
import { type Observation, timed } from './observation.ts'

/** How a command from outside is called: counted, and as a span. */
interface Called {
  readonly counted: string
  readonly traced: string
  readonly correlationId: string | undefined
}

/** The application, with each command from outside counted by kind and outcome, and a span. */
export const observedApplication = (
  application: Application,
  { instruments, tracing }: Observation,
): Application => {
  const observed = <Answer extends { readonly ok: boolean }>(
    called: Called,
    run: () => Promise<Answer>,
    refusalOf: (answer: Answer) => SpanAttributes = () => ({}),
  ): Promise<Answer> =>
    inSpan(
      tracing,
      {
        name: `command ${called.traced}`,
        attributes: { 'portcullis.command.type': called.traced },
        ...(called.correlationId === undefined ? {} : { correlationId: called.correlationId }),
      },
      async (span) => {
        const answer = await timed(
          instruments.commands.startTimer({ command: called.counted }),
          run,
          outcomeOf,
        )
        span.set({ 'portcullis.outcome': outcomeOf(answer), ...refusalOf(answer) })
        return answer
      },
    )
  return {
    ...application,
    execute: (command, envelope) =>
      observed(
        named(command.type, envelope.correlationId),
        () => application.execute(command, envelope),
        codeOfRefusal,
      ),
    assignMany: (command, envelope) =>
      observed(named('AssignMany', envelope.correlationId), () =>
        application.assignMany(command, envelope),
      ),
    receiveCallback: (report, connector, correlationId) =>
      observed(
        { counted: 'ReceiveCallback', traced: 'ReportFulfilment', correlationId },
        () => application.receiveCallback(report, connector, correlationId),
        codeOfRefusal,
      ),
  }
}

const named = (command: string, correlationId: string | undefined): Called => ({
  counted: command,
  traced: command,
  correlationId,
})

/** Of many in one command, a number of them is repeated. */
const outcomeOf = (answer: { readonly ok: boolean }): string => {
  if (!answer.ok) return 'refused'
  return 'repeated' in answer && answer.repeated === true ? 'repeated' : 'accepted'
}

const codeOfRefusal = (answer: Awaited<ReturnType<Application['execute']>>): SpanAttributes =>
  answer.ok ? {} : { 'portcullis.refusal.code': answer.refusal.code }
