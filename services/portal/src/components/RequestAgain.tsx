import { Link } from '@tanstack/react-router'
import { useI18n } from '../i18n/I18n.tsx'
import { buttonClass } from './buttonClass.ts'

/** To the package's page, where what is over can be asked for again. */
export function RequestAgain({ packageId }: { readonly packageId: string }) {
  const { t } = useI18n()
  return (
    <Link to="/packages/$packageId" params={{ packageId }} className={buttonClass()}>
      {t('catalog.again')}
    </Link>
  )
}
