export { createProgram } from './program/program.ts'
