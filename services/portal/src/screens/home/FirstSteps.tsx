import { Link } from '@tanstack/react-router'
import { Icon } from '../../components/Icon.tsx'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Home.module.css'

/** Nobody needs anything: three things to try. */
export function FirstSteps() {
  const { t } = useI18n()
  return (
    <div className={styles.steps}>
      <Link to="/packages" className={styles.step}>
        <Icon name="packages" size={28} />
        <strong>{t('home.step.packages')}</strong>
        <span>{t('home.step.packagesWords')}</span>
      </Link>
      <Link to="/packages" search={{ tab: 'active' }} className={styles.step}>
        <Icon name="key" size={28} />
        <strong>{t('home.step.active')}</strong>
        <span>{t('home.step.activeWords')}</span>
      </Link>
      <Link to="/requests" search={{ tab: 'closed' }} className={styles.step}>
        <Icon name="requests" size={28} />
        <strong>{t('home.step.requests')}</strong>
        <span>{t('home.step.requestsWords')}</span>
      </Link>
    </div>
  )
}
