/** The languages that the pages speak; each has a file of all messages. */
export const LANGUAGES = ['en', 'de', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

/** Where the choice is kept; `before-paint.js` reads it, too. */
const KEY = 'portcullis.language'

export const directionOf = (language: Language): 'ltr' | 'rtl' =>
  language === 'ar' ? 'rtl' : 'ltr'

/** The first of these tags (BCP 47) whose language the pages speak; else English. */
export const languageOf = (tags: readonly (string | null | undefined)[]): Language => {
  for (const tag of tags) {
    const spoken = LANGUAGES.find((each) => each === tag?.toLowerCase().split('-')[0])
    if (spoken !== undefined) return spoken
  }
  return 'en'
}

/**
 * The locale of dates and numbers: the person's own where it is in the language of the page, so that one page never
 * mixes two languages.
 */
export const localeOf = (language: Language, locale: string | null | undefined): string => {
  if (locale?.toLowerCase().split('-')[0] === language) return locale
  // Latin digits, so that ids, versions and counts on one page read alike.
  return language === 'ar' ? 'ar-u-nu-latn' : language === 'en' ? 'en-GB' : language
}

export const chosenLanguage = (): string | null => keptText(KEY)

export const keepLanguage = (language: Language): void => {
  keepText(KEY, language)
}

/** Null also where the browser keeps nothing for pages. */
export const keptText = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export const keepText = (key: string, text: string | null): void => {
  try {
    if (text === null) localStorage.removeItem(key)
    else localStorage.setItem(key, text)
  } catch {
    // It lasts as long as the page, then.
  }
}
