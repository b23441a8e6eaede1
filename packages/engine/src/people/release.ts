import { type EventStore, fold, type Instant } from '@portcullis/core'
import { type DirectoryEvent, LEAVERS_STREAM, leaversDecider } from '@portcullis/domain'

/** Up to when people had left whose access may end though they are many; null: nobody ever said so. */
export const releasedTo = async (store: EventStore): Promise<Instant | null> =>
  fold(leaversDecider, (await store.readStream(LEAVERS_STREAM)) as readonly DirectoryEvent[])
    .releasedTo
