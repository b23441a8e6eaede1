import { getRouteApi, Link } from '@tanstack/react-router'
import { Page } from '../../components/Page.tsx'
import { TabLinks } from '../../components/TabLinks.tsx'
import { useI18n } from '../../i18n/I18n.tsx'
import { ActiveTab, ExpiredTab } from './AssignmentTabs.tsx'
import { AvailableTab } from './AvailableTab.tsx'

const route = getRouteApi('/packages')

/** What one may ask for, has, and had. */
export function Catalog() {
  const { t } = useI18n()
  const { tab = 'available' } = route.useSearch()
  return (
    <Page title={t('catalog.title')} intro={t('catalog.intro')}>
      <TabLinks label={t('catalog.title')}>
        <Link to="/packages" activeOptions={{ exact: true, includeSearch: true }} search={{}}>
          {t('catalog.available')}
        </Link>
        <Link to="/packages" search={{ tab: 'active' }}>
          {t('catalog.active')}
        </Link>
        <Link to="/packages" search={{ tab: 'expired' }}>
          {t('catalog.expired')}
        </Link>
      </TabLinks>
      {tab === 'available' ? <AvailableTab /> : tab === 'active' ? <ActiveTab /> : <ExpiredTab />}
    </Page>
  )
}
