import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { Icon, type IconName } from '../components/Icon.tsx'
import { Failed } from '../components/states/Failed.tsx'
import { useI18n } from '../i18n/I18n.tsx'
import { useLive } from '../live/useLive.ts'
import { sessionQuery, signInAddress } from '../session.ts'
import { Announcer } from './Announcer.tsx'
import { LiveBadge } from './LiveBadge.tsx'
import styles from './Shell.module.css'
import { useShortcuts } from './useShortcuts.ts'
import { useToDecide } from './useToDecide.ts'

/** Menus are large; the page doesn't wait for this one. */
const AccountMenu = lazy(async () => ({
  default: (await import('./AccountMenu.tsx')).AccountMenu,
}))

/** Pages that are for those who aren't signed in. */
const OPEN: ReadonlySet<string> = new Set(['/signed-out'])

/** What is around every page: where one can go, who one is, and whether what is shown is the latest. */
export function Shell() {
  const { t } = useI18n()
  const { pathname } = useLocation()
  const session = useQuery(sessionQuery)
  const open = OPEN.has(pathname)
  const signedIn = session.data !== null && session.data !== undefined
  const stranger = session.data === null && !open && !everSignedIn
  if (signedIn) everSignedIn = true
  const live = useLive(signedIn ? topicsOf(pathname) : NO_TOPICS)
  useShortcuts()
  useEffect(() => {
    if (stranger) location.assign(signInAddress())
  }, [stranger])
  if (stranger) return null
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t('nav.skip')}
      </a>
      <header className={styles.bar}>
        <Link to="/" className={styles.brand}>
          <img src="/icon.svg" alt="" width="30" height="30" />
          <span>Portcullis</span>
        </Link>
        {signedIn && <Navigation />}
        <div className={styles.end}>
          {signedIn && <LiveBadge state={live} />}
          <Suspense fallback={<span className={styles.menu} />}>
            <AccountMenu />
          </Suspense>
        </div>
      </header>
      <main id="main" className={styles.main}>
        {session.data === null && !open && <Ended />}
        {session.error !== null && session.data === undefined ? (
          <Failed error={session.error} retry={() => void session.refetch()} />
        ) : (
          <Outlet />
        )}
      </main>
      <Announcer />
    </div>
  )
}

/** Whoever has been signed in on this page keeps what they wrote, and isn't sent away. */
let everSignedIn = false
const NO_TOPICS: readonly string[] = []

/** What changes of the thing that is open, and whatever is the person's own. */
const topicsOf = (pathname: string): readonly string[] => {
  const [, area = '', id] = pathname.split('/')
  if (id === undefined || id === '') return ['me']
  if (area === 'requests' || area === 'approvals')
    return ['me', `request:${decodeURIComponent(id)}`]
  if (area === 'assignments') return ['me', `assignment:${decodeURIComponent(id)}`]
  return ['me']
}

function Navigation() {
  const { t } = useI18n()
  const toDecide = useToDecide()
  return (
    <nav aria-label={t('nav.main')} className={styles.nav}>
      <Place to="/" icon="home" label={t('nav.home')} />
      <Place to="/packages" icon="packages" label={t('nav.packages')} />
      <Place to="/requests" icon="requests" label={t('nav.requests')} />
      <Place to="/approvals" icon="approvals" label={t('nav.approvals')} count={toDecide} />
    </nav>
  )
}

interface PlaceProperties {
  readonly to: '/' | '/packages' | '/requests' | '/approvals'
  readonly icon: IconName
  readonly label: string
  readonly count?: number | undefined
}

function Place({ to, icon, label, count = 0 }: PlaceProperties) {
  const { t } = useI18n()
  return (
    <Link
      to={to}
      className={styles.place}
      activeOptions={{ exact: to === '/', includeSearch: false }}
    >
      <Icon name={icon} />
      <span>{label}</span>
      {count > 0 && (
        <span className={styles.count}>
          <span aria-hidden="true">{count}</span>
          <span className="hidden">{t('nav.toDecide', { count })}</span>
        </span>
      )}
    </Link>
  )
}

function Ended() {
  const { t } = useI18n()
  return (
    <div role="alert" className={styles.ended}>
      <p>{t('session.endedKept')}</p>
      <a href={signInAddress()}>{t('session.signInAgain')}</a>
    </div>
  )
}
