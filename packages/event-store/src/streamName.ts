const STREAM = /^[\x21-\x7e]{1,300}$/

/**
 * Refuses names that not every store can keep.
 * @throws TypeError naming the rule: 1 to 300 visible ASCII characters, no spaces
 */
export const checkStreamName = (stream: string): void => {
  if (!STREAM.test(stream))
    throw new TypeError(
      `stream name ${JSON.stringify(stream.slice(0, 80))} is not 1 to 300 visible ASCII characters without spaces`,
    )
}
