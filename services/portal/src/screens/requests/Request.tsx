import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Card } from '../../components/Card.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page } from '../../components/Page.tsx'
import { Person } from '../../components/Person.tsx'
import { Quote } from '../../components/Quote.tsx'
import { RoleList } from '../../components/RoleList.tsx'
import { RequestStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Timeline } from '../../components/Timeline.tsx'
import { When } from '../../components/When.tsx'
import { nameIn } from '../../data/names.ts'
import { requestQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { useSession } from '../../session.ts'
import { RequestActions } from './RequestActions.tsx'
import { RoleErrors } from './RoleErrors.tsx'

const route = getRouteApi('/requests/$requestId')

/** One request whole: where it stands, who asked for what and why, and everything that has happened to it. */
export function Request() {
  const { t } = useI18n()
  const { requestId } = route.useParams()
  const query = useQuery(requestQuery(requestId))
  const me = useSession()?.me.person
  const name = query.data?.accessPackage.displayName ?? query.data?.packageId
  return (
    <Page
      title={name ?? t('request.title')}
      back={<Link to="/requests">{t('requests.title')}</Link>}
      narrow
    >
      <Answered query={query}>
        {(request) => {
          const nameOf = nameIn([request.subject, me])
          const stages = request.policy?.terms.approval
          return (
            <>
              <Card
                title={t(`request.kind.${request.kind}`)}
                aside={<RequestStatus of={request} />}
              >
                <Person
                  id={request.subject.id}
                  name={request.subject.displayName}
                  detail={request.subject.email}
                />
                {request.justification !== null && (
                  <Quote by={nameOf(request.requestorId)} text={request.justification} />
                )}
                <Facts
                  facts={[
                    {
                      name: t('request.submitted'),
                      value: <When at={request.submittedAt} as="both" />,
                    },
                    request.status === 'PendingApproval' && request.decideBy !== null
                      ? {
                          name: t('request.decideBy'),
                          value: <When at={request.decideBy} as="both" />,
                        }
                      : undefined,
                    request.stage !== null && stages?.required === true
                      ? {
                          name: t('request.stage'),
                          value: t('request.stageOf', {
                            stage: request.stage,
                            count: stages.stages.length,
                          }),
                        }
                      : undefined,
                    request.policy === null
                      ? undefined
                      : {
                          name: t('request.underPolicy'),
                          value: <bdi>{request.policy.displayName}</bdi>,
                        },
                  ]}
                />
                <RequestActions request={request} />
              </Card>
              {request.fulfilmentErrors.length > 0 && (
                <RoleErrors errors={request.fulfilmentErrors} />
              )}
              <Card title={t('request.roles')}>
                <RoleList roles={request.roles} />
              </Card>
              <Card title={t('event.title')}>
                <Timeline
                  history={request.history}
                  nameOf={nameOf}
                  planned={[
                    request.status === 'PendingApproval' && request.decideBy !== null
                      ? { at: request.decideBy, text: t('event.planned.decideBy') }
                      : undefined,
                  ]}
                />
              </Card>
            </>
          )
        }}
      </Answered>
    </Page>
  )
}
