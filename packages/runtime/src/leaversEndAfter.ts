export const HOUR_MILLIS = 3_600_000

/** `never` or a time of days and hours such as `P1DT12H`, as milliseconds; null for never. */
export const endAfterOf = (text: string): number | null => {
  if (text === 'never') return null
  const [, days = '0', hours = '0'] = /^P(?:(\d+)D)?(?:T(\d+)H)?$/.exec(text) ?? []
  return (Number(days) * 24 + Number(hours)) * HOUR_MILLIS
}
