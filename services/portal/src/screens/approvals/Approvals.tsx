import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { More } from '../../components/More.tsx'
import { Page } from '../../components/Page.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { TabLinks } from '../../components/TabLinks.tsx'
import { requestsQuery, rows } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { DecidedList } from './DecidedList.tsx'
import { Inbox } from './Inbox.tsx'

const route = getRouteApi('/approvals')

/** What waits for the person's decision, the most urgent first, and what they decided. */
export function Approvals() {
  const { t } = useI18n()
  const { tab = 'open', ids } = route.useSearch()
  return (
    <Page title={t('approvals.title')} intro={t('approvals.intro')}>
      <TabLinks label={t('approvals.title')}>
        <Link to="/approvals" activeOptions={{ exact: true, includeSearch: true }} search={{}}>
          {t('approvals.pending')}
        </Link>
        <Link to="/approvals" search={{ tab: 'closed' }}>
          {t('approvals.decided')}
        </Link>
      </TabLinks>
      {tab === 'open' ? <Pending ids={ids} /> : <DecidedList />}
    </Page>
  )
}

function Pending({ ids }: { readonly ids: string | undefined }) {
  const query = useInfiniteQuery(requestsQuery({ waitingForMe: true }))
  return (
    <Answered query={query}>
      {(data) => {
        const wanted = ids?.split(',')
        const all = rows(data).filter(({ id }) => wanted?.includes(id) ?? true)
        return <Inbox requests={all} more={<More query={query} />} />
      }}
    </Answered>
  )
}
