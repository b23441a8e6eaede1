export { type Installation, openInstallation, type Size, sizeOfRun } from './installation.ts'
