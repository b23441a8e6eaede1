export * from './deepFreeze.ts'
export * from './fakeClock.ts'
export * from './specificationError.ts'
export * from './specify.ts'
