import { useI18n } from '../i18n/I18n.tsx'
import { When } from './When.tsx'

/** By when somebody has to decide: otherwise nobody does, and the request ends. */
export function DecideBy({ at }: { readonly at: string | null }) {
  const { t } = useI18n()
  if (at === null) return null
  return (
    <>
      {t('request.decideBy')} <When at={at} as="both" />
    </>
  )
}
