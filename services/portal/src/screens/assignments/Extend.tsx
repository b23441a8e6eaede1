import type { Answer } from '@portcullis/client'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { announce } from '../../app/Announcer.tsx'
import { Actions } from '../../components/Actions.tsx'
import { Button } from '../../components/Button.tsx'
import { Card } from '../../components/Card.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page } from '../../components/Page.tsx'
import { Refusal } from '../../components/Refusal.tsx'
import { RequestAgain } from '../../components/RequestAgain.tsx'
import { AssignmentStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { TextBox } from '../../components/TextBox.tsx'
import { When } from '../../components/When.tsx'
import { assignmentQuery } from '../../data/queries.ts'
import { useCommand } from '../../data/useCommand.ts'
import { useDraft } from '../../data/useDraft.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Extend.module.css'

const route = getRouteApi('/assignments/$assignmentId/extend')
type Assignment = Answer<'getAssignment'>

/** Where the reminder's link leads: asks for another period of what is about to end. */
export function Extend() {
  const { t } = useI18n()
  const { assignmentId } = route.useParams()
  const query = useQuery(assignmentQuery(assignmentId))
  return (
    <Page
      title={t('extend.title', { package: query.data?.accessPackage.displayName ?? '' })}
      back={
        <Link to="/assignments/$assignmentId" params={{ assignmentId }}>
          {t('assignment.title')}
        </Link>
      }
      narrow
    >
      <Answered query={query}>{(assignment) => <Form assignment={assignment} />}</Answered>
    </Page>
  )
}

function Form({ assignment }: { readonly assignment: Assignment }) {
  const { t } = useI18n()
  const navigate = useNavigate()
  const [reason, setReason, forget] = useDraft(`extend:${assignment.id}`)
  const extend = useCommand(api.extendAssignment, ({ requestId }) => {
    forget()
    announce(t('extend.sent'))
    if (requestId !== undefined)
      void navigate({ to: '/requests/$requestId', params: { requestId } })
  })
  const terms = assignment.policy?.terms
  const code = extend.error !== null && 'code' in extend.error ? extend.error.code : undefined
  const needed = code === 'request.justification-needed'
  const asked = terms?.extension.allowed === true && terms.extension.approvalRequired
  const send = (): void =>
    extend.mutate({
      assignmentId: assignment.id,
      ...(reason.trim() === '' ? {} : { justification: reason }),
    })
  return (
    <Card title={t('extend.what')} aside={<AssignmentStatus of={assignment} />}>
      <Facts
        facts={[
          {
            name: t('extend.endsNow'),
            value:
              assignment.endAt === null ? (
                t('assignment.noEnd')
              ) : (
                <When at={assignment.endAt} as="both" />
              ),
          },
          terms?.extension.allowed === true
            ? {
                name: t('extend.approval'),
                value: asked ? t('extend.approvalYes') : t('extend.approvalNo'),
              }
            : undefined,
        ]}
      />
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <TextBox
          label={
            terms?.requestorJustification === true
              ? t('request.reason')
              : t('request.reasonOptional')
          }
          hint={t('request.reasonHint')}
          value={reason}
          onChange={setReason}
          required={terms?.requestorJustification === true}
          error={needed ? t('refusal.request.justification-needed') : undefined}
        />
        {extend.error !== null && !needed && <Refusal error={extend.error} />}
        <Actions>
          <Button type="submit" kind="primary" isPending={extend.isPending}>
            {t('extend.send')}
          </Button>
          {assignment.endedAt !== null && <RequestAgain packageId={assignment.packageId} />}
        </Actions>
      </form>
    </Card>
  )
}
