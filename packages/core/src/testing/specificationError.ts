/** A specification that didn't hold. Test runners show the difference between `actual` and `expected`. */
export class SpecificationError extends Error {
  readonly actual: unknown
  readonly expected: unknown
  readonly showDiff = true
  constructor(message: string, actual: unknown, expected: unknown) {
    super(message)
    this.name = 'SpecificationError'
    this.actual = actual
    this.expected = expected
  }
}
