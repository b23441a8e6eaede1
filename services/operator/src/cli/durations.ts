const UNIT_MILLIS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DURATION = /^(\d{1,6})([smhd])$/

/** Milliseconds of `90s`, `15m`, `1h` or `2d`; undefined for any other text. */
export const durationMillis = (text: string): number | undefined => {
  const [, count, unit] = DURATION.exec(text) ?? []
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd'
    ? Number(count) * UNIT_MILLIS[unit]
    : undefined
}

/**
 * How long ago an instant was, in its two largest units: `3d 4h`, `12m 5s`.
 * @param now milliseconds since 1970
 */
export const ageOf = (instant: string, now: number): string => {
  let rest = Math.max(0, now - Date.parse(instant))
  const parts: string[] = []
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MILLIS[unit])
    rest -= count * UNIT_MILLIS[unit]
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`)
  }
  return parts.slice(0, 2).join(' ') || '0s'
}
