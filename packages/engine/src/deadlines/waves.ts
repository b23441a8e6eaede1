/**
 * Cuts deadlines, in their order, where a stream comes again and where a wave is full: what is in one can be decided
 * and appended together, and nothing overtakes anything.
 * @param most deadlines of a wave
 * @returns the waves in order, none of them empty
 */
export const wavesOf = <Deadline extends { readonly stream: string }>(
  deadlines: readonly Deadline[],
  most: number,
): readonly (readonly Deadline[])[] => {
  const waves: Deadline[][] = []
  const streams = new Set<string>()
  let wave: Deadline[] | undefined
  for (const deadline of deadlines) {
    if (wave === undefined || wave.length === most || streams.has(deadline.stream)) {
      wave = []
      waves.push(wave)
      streams.clear()
    }
    wave.push(deadline)
    streams.add(deadline.stream)
  }
  return waves
}
