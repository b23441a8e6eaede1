import type pg from 'pg'
import { type CatalogQueries, catalogQueries } from './catalogQueries.ts'
import { viewsSql } from './database.ts'
import { type EntitlementQueries, entitlementQueries } from './entitlementQueries.ts'
import { type WorkQueries, workQueries } from './workQueries.ts'

/** Everything that is asked of the views. Answers are as new as the projections are: wait for a position first where that matters. */
export interface Views extends CatalogQueries, EntitlementQueries, WorkQueries {}

export const createViews = (pool: pg.Pool): Views => {
  const db = viewsSql(pool)
  return { ...catalogQueries(db), ...entitlementQueries(db), ...workQueries(db) }
}
