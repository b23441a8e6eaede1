import type pg from 'pg'
import { type CatalogQueries, catalogQueries } from './catalogQueries.ts'
import { type CommandKeyQueries, commandKeyQueries } from './commandKeyQueries.ts'
import { viewsSql } from './database.ts'
import { type DriftQueries, driftQueries } from './driftQueries.ts'
import { type DueQueries, dueQueries } from './dueQueries.ts'
import { type EntitlementQueries, entitlementQueries } from './entitlementQueries.ts'
import { type FulfilmentQueries, fulfilmentQueries } from './fulfilmentQueries.ts'
import { type OverdueQueries, overdueQueries } from './overdueQueries.ts'
import { type ProblemQueries, problemQueries } from './problemQueries.ts'
import { type RemovalQueries, removalQueries } from './removalQueries.ts'
import { type UnsettledQueries, unsettledQueries } from './unsettledQueries.ts'
import { type WorkQueries, workQueries } from './workQueries.ts'

/**
 * Everything that is asked of the views. Answers are as new as the projections are: wait for a position first where
 * that matters.
 */
export interface Views
  extends CatalogQueries,
    CommandKeyQueries,
    EntitlementQueries,
    DriftQueries,
    DueQueries,
    OverdueQueries,
    FulfilmentQueries,
    UnsettledQueries,
    WorkQueries,
    ProblemQueries,
    RemovalQueries {}

export const createViews = (pool: pg.Pool): Views => {
  const db = viewsSql(pool)
  return {
    ...catalogQueries(db),
    ...commandKeyQueries(pool),
    ...entitlementQueries(db),
    ...driftQueries(db),
    ...dueQueries(db),
    ...overdueQueries(db),
    ...fulfilmentQueries(db),
    ...unsettledQueries(db),
    ...workQueries(db),
    ...problemQueries(db),
    ...removalQueries(db),
  }
}
