/**
 * A language tag and what it is a case of, best first: `de-Latn-AT` gives itself, `de-Latn` and `de`.
 * @returns nothing for what is no tag (BCP 47)
 */
export const languageChain = (tag: string): readonly string[] => {
  if (!isLanguage(tag)) return []
  const parts = (Intl.getCanonicalLocales(tag)[0] ?? tag).split('-')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('-'))
}

export const isLanguage = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}
