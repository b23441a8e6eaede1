import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { More } from '../../components/More.tsx'
import { RequestStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { When } from '../../components/When.tsx'
import { requestsQuery, rows } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId } from '../../session.ts'

/** What the person has decided, newest first. */
export function DecidedList() {
  const { t } = useI18n()
  const me = usePersonId()
  const query = useInfiniteQuery(requestsQuery({}))
  return (
    <Answered query={query}>
      {(data) => {
        const mine = rows(data).filter(({ decidedBy }) => decidedBy === me)
        if (mine.length === 0 && !query.hasNextPage)
          return <Empty icon="approvals" title={t('approvals.noneDecided')} />
        return (
          <Card>
            <Rows>
              {mine.map((request) => (
                <Row
                  key={request.id}
                  title={
                    <Link to="/requests/$requestId" params={{ requestId: request.id }}>
                      {t('home.asksFor', {
                        person: request.subjectName ?? request.subjectId,
                        package: request.packageName ?? request.packageId,
                      })}
                    </Link>
                  }
                  detail={request.decidedAt !== null && <When at={request.decidedAt} as="both" />}
                  side={<RequestStatus of={request} />}
                />
              ))}
            </Rows>
            <More query={query} />
          </Card>
        )
      }}
    </Answered>
  )
}
