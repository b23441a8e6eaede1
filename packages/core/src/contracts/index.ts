export * from './clock.contract.ts'
