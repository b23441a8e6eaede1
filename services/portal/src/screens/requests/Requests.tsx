import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/buttonClass.ts'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { DecideBy } from '../../components/DecideBy.tsx'
import { More } from '../../components/More.tsx'
import { Page } from '../../components/Page.tsx'
import { RequestStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { TabLinks } from '../../components/TabLinks.tsx'
import { When } from '../../components/When.tsx'
import { requestsQuery, rows } from '../../data/queries.ts'
import { CLOSED_REQUESTS, OPEN_REQUESTS } from '../../data/status.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId } from '../../session.ts'

const route = getRouteApi('/requests')

/** What the person has asked for: what is open, and everything before. */
export function Requests() {
  const { t } = useI18n()
  const { tab = 'open' } = route.useSearch()
  const subjectId = usePersonId()
  const status = tab === 'open' ? OPEN_REQUESTS : CLOSED_REQUESTS
  const query = useInfiniteQuery(requestsQuery({ subjectId, status: [...status] }))
  return (
    <Page title={t('requests.title')} intro={t('requests.intro')}>
      <TabLinks label={t('requests.title')}>
        <Link to="/requests" activeOptions={{ exact: true, includeSearch: true }} search={{}}>
          {t('requests.open')}
        </Link>
        <Link to="/requests" search={{ tab: 'closed' }}>
          {t('requests.closed')}
        </Link>
      </TabLinks>
      <Answered query={query}>
        {(data) => {
          const all = rows(data)
          if (all.length === 0) return <Nothing tab={tab} />
          return (
            <Card>
              <Rows>
                {all.map((request) => (
                  <Row
                    key={request.id}
                    title={
                      <Link to="/requests/$requestId" params={{ requestId: request.id }}>
                        <bdi>{request.packageName ?? request.packageId}</bdi>
                      </Link>
                    }
                    detail={
                      <>
                        {t(`request.kind.${request.kind}`)} · <When at={request.submittedAt} />
                        {request.status === 'PendingApproval' && request.decideBy !== null && (
                          <>
                            {' · '}
                            <DecideBy at={request.decideBy} />
                          </>
                        )}
                      </>
                    }
                    side={<RequestStatus of={request} />}
                  />
                ))}
              </Rows>
              <More query={query} />
            </Card>
          )
        }}
      </Answered>
    </Page>
  )
}

function Nothing({ tab }: { readonly tab: 'open' | 'closed' }) {
  const { t } = useI18n()
  return (
    <Empty
      icon="requests"
      title={tab === 'open' ? t('requests.noneOpen') : t('requests.noneClosed')}
      action={
        <Link to="/packages" className={buttonClass('primary')}>
          {t('catalog.toAvailable')}
        </Link>
      }
    />
  )
}
