/** The newest place in the log that this page knows of: what it reads next is at least as new. */
let newest: string | undefined

export const noteAtLeast = (position: string | undefined): void => {
  if (position === undefined || !/^\d{1,19}$/.test(position)) return
  if (newest === undefined || BigInt(position) > BigInt(newest)) newest = position
}

export const atLeast = (): { readonly atLeast?: string } =>
  newest === undefined ? {} : { atLeast: newest }
