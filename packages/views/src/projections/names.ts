import { partsOf } from '../projector/partition.ts'
import type { Projection } from '../projector/projection.ts'

/** Where the tables and views that serve live. */
export const LIVE_SCHEMA = 'portcullis_views'

/** Where a projection's tables are filled beside the live ones. */
export const shadowSchema = ({ name }: Pick<Projection, 'name'>): string =>
  `${LIVE_SCHEMA}_shadow_${name}`

/** A projection's checkpoints, one for each of its parts; each version has its own. */
export const checkpointNames = (
  { name, version }: Pick<Projection, 'name' | 'version'>,
  partitions: number,
): readonly string[] => {
  const whole = `projection.${name}.v${version}`
  if (partitions === 1) return [whole]
  return partsOf(partitions).map(({ number, of }) => `${whole}/${number + 1}of${of}`)
}
