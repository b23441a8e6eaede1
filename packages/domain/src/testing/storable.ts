import { type Decision, jsonEqual } from '@portcullis/core'
import { eventSchemas, type PortcullisEvent } from '../events.ts'

/** Throws unless each event that a decision emits is as its schema says, with no field that the schema would drop. */
export const checkStorable = (decision: Decision<PortcullisEvent>): void => {
  for (const { type, data } of decision.ok ? decision.events : []) {
    if (!jsonEqual(eventSchemas[type].parse(data), data)) {
      throw new Error(`${type} holds more than its schema: ${JSON.stringify(data)}`)
    }
  }
}
