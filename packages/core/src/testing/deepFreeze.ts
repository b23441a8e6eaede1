/**
 * Freezes a plain value and everything in it, so that a decider that changes its input fails at once. Returns the same
 * value.
 */
export const deepFreeze = <Value>(value: Value): Value => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
  return value
}
