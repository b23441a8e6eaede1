/**
 * Cuts deadlines, in their order, where a stream comes again: what is in one wave can be decided and appended together, and nothing overtakes anything.
 * @returns the waves in order, none of them empty
 */
export const wavesOf = <Deadline extends { readonly stream: string }>(
  deadlines: readonly Deadline[],
): readonly (readonly Deadline[])[] => {
  const waves: Deadline[][] = []
  const streams = new Set<string>()
  let wave: Deadline[] | undefined
  for (const deadline of deadlines) {
    if (wave === undefined || streams.has(deadline.stream)) {
      wave = []
      waves.push(wave)
      streams.clear()
    }
    wave.push(deadline)
    streams.add(deadline.stream)
  }
  return waves
}
