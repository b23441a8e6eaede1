export * from './commandLine.ts'
export * from './deployment.ts'
