import { Link } from '@tanstack/react-router'
import { useI18n } from '../../i18n/I18n.tsx'
import { buttonClass } from '../buttonClass.ts'
import { Empty } from './Empty.tsx'

/** There is no such thing, or it isn't this person's to see: one and the same, so that nobody learns what exists. */
export function NotYours() {
  const { t } = useI18n()
  return (
    <Empty
      icon="search"
      title={t('state.notYours')}
      action={
        <Link to="/" className={buttonClass()}>
          {t('nav.home')}
        </Link>
      }
    >
      {t('state.notYoursWords')}
    </Empty>
  )
}
