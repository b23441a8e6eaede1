import type { Projection } from '../projector/projection.ts'

/** Where the tables and views that serve live. */
export const LIVE_SCHEMA = 'portcullis_views'

/** Where a projection's tables are filled beside the live ones. */
export const shadowSchema = ({ name }: Pick<Projection, 'name'>): string =>
  `${LIVE_SCHEMA}_shadow_${name}`

/** A projection's checkpoint; each version has its own. */
export const checkpointName = ({ name, version }: Pick<Projection, 'name' | 'version'>): string =>
  `projection.${name}.v${version}`
