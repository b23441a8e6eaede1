import { useI18n } from '../i18n/I18n.tsx'
import { When } from './When.tsx'

/** When an assignment ends, or that it doesn't. */
export function Ends({ at }: { readonly at: string | null }) {
  const { t } = useI18n()
  if (at === null) return t('assignment.noEnd')
  return (
    <>
      {t('assignment.ends')} <When at={at} as="both" />
    </>
  )
}
