import { describeQueueContract } from '@portcullis/core/contracts'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { bullUnderTest } from './bull.fixture.ts'
import { JOBS_SCHEMA } from './postgresBackend.ts'

/** Empties every table of the queue, BullMQ's own ledger of migrations too. */
const truncateAll = async (database: TestDatabase): Promise<void> => {
  await database.pool.query(`do $$
    declare names text;
    begin
      select string_agg(format('%I.%I', schemaname, tablename), ', ') into names
        from pg_tables where schemaname = '${JOBS_SCHEMA}';
      if names is not null then execute 'truncate ' || names || ' cascade'; end if;
    end $$`)
}

describeQueueContract('BullMQ on PostgreSQL, tables truncated', async () => {
  const database = await testDatabase()
  return bullUnderTest(
    { kind: 'postgres', url: database.url },
    () => truncateAll(database),
    () => database.close(),
  )
})
