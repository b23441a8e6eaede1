import type { Answer } from '@portcullis/client'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Card } from '../../components/Card.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page } from '../../components/Page.tsx'
import { Person } from '../../components/Person.tsx'
import { Quote } from '../../components/Quote.tsx'
import { RoleList } from '../../components/RoleList.tsx'
import { RequestStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { When } from '../../components/When.tsx'
import { type FirstDecision, firstDecision } from '../../data/decision.ts'
import { isNotYours } from '../../data/failures.ts'
import { nameIn } from '../../data/names.ts'
import { requestQuery, requestsQuery, rows, waitsForMeQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { useSession } from '../../session.ts'
import { endOf } from '../catalog/endOf.ts'
import styles from './Decide.module.css'
import { DecideForm } from './DecideForm.tsx'
import { Settled } from './Settled.tsx'
import { TooLate } from './TooLate.tsx'

const route = getRouteApi('/approvals/$requestId')
type Request = Answer<'getRequest'>

/** Where the mail's link leads: everything that the decision needs, two buttons, and nothing else. */
export function Decide() {
  const { t } = useI18n()
  const { requestId } = route.useParams()
  const request = useQuery(requestQuery(requestId))
  const waits = useQuery(waitsForMeQuery(requestId))
  // What was written, should somebody else be first.
  const [words, setWords] = useState('')
  const [waited, setWaited] = useState(false)
  const [first, setFirst] = useState<FirstDecision>()
  if (waits.data === true && !waited) setWaited(true)
  const gone = request.error !== null && isNotYours(request.error)
  return (
    <Page
      title={request.data?.accessPackage.displayName ?? t('approvals.decideTitle')}
      back={<Link to="/approvals">{t('approvals.title')}</Link>}
      narrow
    >
      {waited && gone ? (
        <TooLate first={first} words={words} />
      ) : (
        <Answered query={request} lines={3}>
          {(found) => (
            <Answered query={waits} lines={1}>
              {(mine) => (
                <>
                  {!mine && <Settled request={found} words={words} waited={waited} />}
                  <Asked request={found} />
                  {mine && (
                    <Card title={t('approvals.yours')}>
                      <DecideForm
                        requestId={requestId}
                        reasonNeeded={reasonNeeded(found)}
                        onWords={setWords}
                        onRefused={(refusal) => setFirst(firstDecision(refusal))}
                      />
                    </Card>
                  )}
                </>
              )}
            </Answered>
          )}
        </Answered>
      )}
    </Page>
  )
}

const reasonNeeded = ({ policy, stage }: Request): boolean => {
  const approval = policy?.terms.approval
  if (approval?.required !== true) return false
  return approval.stages[(stage ?? 1) - 1]?.approverJustification === true
}

function Asked({ request }: { readonly request: Request }) {
  const { t, moments } = useI18n()
  const nameOf = nameIn([request.subject, useSession()?.me.person])
  const expiration = request.policy?.terms.expiration
  return (
    <Card title={t(`request.kind.${request.kind}`)} aside={<RequestStatus of={request} />}>
      <Person
        id={request.subject.id}
        name={request.subject.displayName}
        detail={request.subject.email}
        large
      />
      {request.justification !== null && request.justification !== '' && (
        <Quote by={nameOf(request.requestorId)} text={request.justification} />
      )}
      <h3>{t('approvals.roles')}</h3>
      <RoleList roles={request.roles} />
      <Facts
        facts={[
          request.decideBy === null || request.status !== 'PendingApproval'
            ? undefined
            : { name: t('request.decideBy'), value: <When at={request.decideBy} as="both" /> },
          expiration === undefined
            ? undefined
            : { name: t('assignment.ends'), value: endOf({ expiration }, t, moments) },
          { name: t('request.submitted'), value: <When at={request.submittedAt} as="both" /> },
        ]}
      />
      <Earlier request={request} />
    </Card>
  )
}

/** What the person asked for of the same package before, as far as the approver may see it. */
function Earlier({ request }: { readonly request: Request }) {
  const { t } = useI18n()
  const { packageId, subjectId } = request
  const query = useInfiniteQuery(requestsQuery({ packageId, subjectId }))
  const earlier = rows(query.data).filter(({ id }) => id !== request.id)
  if (earlier.length === 0) return null
  return (
    <div className={styles.earlier}>
      <h3>{t('approvals.earlier')}</h3>
      <ul className={styles.outcomes}>
        {earlier.slice(0, 3).map((each) => (
          <li key={each.id}>
            <When at={each.submittedAt} as="full" />
            <RequestStatus of={each} />
          </li>
        ))}
      </ul>
    </div>
  )
}
