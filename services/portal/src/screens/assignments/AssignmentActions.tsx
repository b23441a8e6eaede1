import type { Answer } from '@portcullis/client'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { announce } from '../../app/Announcer.tsx'
import { Actions } from '../../components/Actions.tsx'
import { buttonClass } from '../../components/buttonClass.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { Refusal } from '../../components/Refusal.tsx'
import { RequestAgain } from '../../components/RequestAgain.tsx'
import { useCommand } from '../../data/useCommand.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId } from '../../session.ts'

/** What its subject can do with what they have. */
export function AssignmentActions({
  assignment,
}: {
  readonly assignment: Answer<'getAssignment'>
}) {
  const { t } = useI18n()
  const mine = usePersonId() === assignment.subjectId
  const remove = useCommand(api.removeAssignment, () => announce(t('assignment.removed')))
  if (!mine) return null
  if (assignment.endedAt !== null)
    return (
      <Actions>
        <RequestAgain packageId={assignment.packageId} />
      </Actions>
    )
  return (
    <>
      {remove.error !== null && <Refusal error={remove.error} />}
      <Actions>
        {assignment.endAt !== null && (
          <Link
            to="/assignments/$assignmentId/extend"
            params={{ assignmentId: assignment.id }}
            className={buttonClass('primary')}
          >
            {t('assignment.extend')}
          </Link>
        )}
        <Confirm
          label={t('assignment.remove')}
          title={t('assignment.removeTitle')}
          words={t('assignment.removeWords')}
          pending={remove.isPending}
          onConfirm={() => remove.mutate({ assignmentId: assignment.id })}
        />
      </Actions>
    </>
  )
}
