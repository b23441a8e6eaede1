import type { Tracing } from '@portcullis/core'
import type { Instruments } from '../metrics/instruments.ts'

/** Where what the parts do is shown: counted and timed, and as spans where traces are on. */
export interface Observation {
  readonly instruments: Instruments
  readonly tracing: Tracing
}

/** Does work, and ends its timer with how it went. */
export const timed = async <Answer>(
  end: (labels: { readonly outcome: string }) => unknown,
  run: () => Promise<Answer>,
  outcomeOf: (answer: Answer) => string = () => 'done',
  failureOf: (error: unknown) => string = () => 'failed',
): Promise<Answer> => {
  try {
    const answer = await run()
    end({ outcome: outcomeOf(answer) })
    return answer
  } catch (error) {
    end({ outcome: failureOf(error) })
    throw error
  }
}
