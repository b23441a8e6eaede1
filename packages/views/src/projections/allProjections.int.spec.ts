import { describeProjectionContract } from '@portcullis/core/contracts'
import { projectionUnderTest } from '../testing/projectionUnderTest.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { allProjections } from './allProjections.ts'

for (const projection of allProjections) {
  describeProjectionContract(projection.name, sampleLog(), () => projectionUnderTest(projection))
}
