import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import {
  chosenLanguage,
  directionOf,
  keepLanguage,
  type Language,
  languageOf,
  localeOf,
} from './language.ts'
import { loadMessages } from './messages.ts'
import { createMoments, type Moments } from './moments.ts'
import type { Translate } from './translate.ts'

export interface I18n {
  readonly t: Translate
  readonly moments: Moments
  readonly language: Language
  choose(language: Language): void
}

const Context = createContext<I18n | undefined>(undefined)

export const useI18n = (): I18n => {
  const i18n = useContext(Context)
  if (i18n === undefined) throw new Error('useI18n is called outside of Internationalised')
  return i18n
}

/** The messages, and what makes sentences of them: both outside of what every page begins with. */
const loadLanguage = async (language: Language) => {
  const [messages, { createTranslate }] = await Promise.all([
    loadMessages[language](),
    import('./translate.ts'),
  ])
  return { messages, createTranslate }
}

interface Properties {
  /** The person's own, from the directory; undefined until known. */
  readonly locale: string | null | undefined
  readonly zone: string | null | undefined
  readonly children: ReactNode
}

/** Language, direction, dates and zone of everything inside: chosen here, else the person's, else the browser's. */
export function Internationalised({ locale, zone, children }: Properties) {
  const [chosen, setChosen] = useState(chosenLanguage)
  const language = languageOf([chosen, locale, ...navigator.languages])
  const { data: loaded } = useQuery({
    queryKey: ['messages', language],
    queryFn: () => loadLanguage(language),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  })
  const rtl = directionOf(language) === 'rtl'
  const used = localeOf(language, locale)
  useEffect(() => {
    document.documentElement.lang = language
    document.documentElement.dir = directionOf(language)
  }, [language])
  const i18n = useMemo(
    () =>
      loaded === undefined
        ? undefined
        : {
            t: loaded.createTranslate(loaded.messages, used, rtl),
            moments: createMoments(used, zone),
            language,
            choose: (next: Language) => {
              keepLanguage(next)
              setChosen(next)
            },
          },
    [loaded, used, zone, language, rtl],
  )
  if (i18n === undefined) return null
  return (
    <I18nProvider locale={rtl ? 'ar-AE' : used}>
      <Context value={i18n}>{children}</Context>
    </I18nProvider>
  )
}
