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

/** What its subject can do with a request: take it back, open what came of it, or ask again. */
export function RequestActions({ request }: { readonly request: Answer<'getRequest'> }) {
  const { t } = useI18n()
  const mine = usePersonId() === request.subjectId
  const cancel = useCommand(api.cancelRequest, () => announce(t('request.cancelled')))
  if (!mine) return null
  const open = request.status === 'PendingApproval' || request.status === 'Scheduled'
  const over = request.status === 'Denied' || request.status === 'Cancelled'
  return (
    <>
      {cancel.error !== null && <Refusal error={cancel.error} />}
      <Actions>
        {request.assignmentId !== null && (
          <Link
            to="/assignments/$assignmentId"
            params={{ assignmentId: request.assignmentId }}
            className={buttonClass('primary')}
          >
            {t('request.toAssignment')}
          </Link>
        )}
        {open && (
          <Confirm
            label={t('request.cancel')}
            title={t('request.cancelTitle')}
            words={t('request.cancelWords')}
            pending={cancel.isPending}
            onConfirm={() => cancel.mutate({ requestId: request.id })}
          />
        )}
        {over && request.kind === 'new' && <RequestAgain packageId={request.packageId} />}
      </Actions>
    </>
  )
}
