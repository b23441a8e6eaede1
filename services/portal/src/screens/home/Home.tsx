import { useInfiniteQuery } from '@tanstack/react-query'
import { Page } from '../../components/Page.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { assignmentsQuery, requestsQuery, rows } from '../../data/queries.ts'
import { OPEN_REQUESTS } from '../../data/status.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId, useSession } from '../../session.ts'
import { FirstSteps } from './FirstSteps.tsx'
import styles from './Home.module.css'
import { EndingSoon, MyOpenRequests, ToDecide } from './sections.tsx'

/** What needs the person, in the order of what others wait for. */
export function Home() {
  const { t } = useI18n()
  const subjectId = usePersonId()
  const name = useSession()?.me.person?.displayName ?? ''
  const toDecide = useInfiniteQuery(requestsQuery({ waitingForMe: true }))
  const open = useInfiniteQuery(requestsQuery({ subjectId, status: [...OPEN_REQUESTS] }))
  const active = useInfiniteQuery(assignmentsQuery({ subjectId, status: ['Active'] }))
  return (
    <Page title={t('home.title', { name: name.split(' ')[0] ?? name })} intro={t('home.intro')}>
      <Answered query={toDecide}>
        {(decide) => (
          <Answered query={open}>
            {(requests) => (
              <Answered query={active}>
                {(assignments) => {
                  const waiting = rows(decide)
                  const mine = rows(requests)
                  const held = rows(assignments)
                  const nothing = waiting.length + mine.length + held.length === 0
                  return (
                    <div className={styles.sections}>
                      {waiting.length > 0 && (
                        <ToDecide requests={waiting} more={toDecide.hasNextPage} />
                      )}
                      {mine.length > 0 && <MyOpenRequests requests={mine} />}
                      <EndingSoon assignments={held} />
                      {nothing && <FirstSteps />}
                    </div>
                  )
                }}
              </Answered>
            )}
          </Answered>
        )}
      </Answered>
    </Page>
  )
}
