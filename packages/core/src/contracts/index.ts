export * from './clock.contract.ts'
export * from './queue.contract.ts'
export * from './eventStore.contract.ts'
export * from './eventStoreUnderTest.ts'
