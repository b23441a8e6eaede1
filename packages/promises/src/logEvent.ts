import type { RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'

export type LogEvent = RecordedEvent<PortcullisEvent>
/** An event of these types, as the log has it. */
export type Logged<Type extends PortcullisEvent['type']> = RecordedEvent<
  Extract<PortcullisEvent, { type: Type }>
>
