import { describeProjectionContract } from '@portcullis/core/contracts'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll } from 'vitest'
import { projectionUnderTest } from '../testing/projectionUnderTest.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { allProjections } from './allProjections.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())

for (const projection of allProjections) {
  describeProjectionContract(projection.name, sampleLog(), () =>
    projectionUnderTest(db, projection),
  )
}
