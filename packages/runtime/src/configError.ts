/**
 * The configuration can't be used; the message has one line for each thing to correct, with the name of its variable.
 */
export class ConfigError extends Error {
  readonly code = 'config.invalid'
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}
