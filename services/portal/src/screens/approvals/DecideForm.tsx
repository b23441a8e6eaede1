import type { Refused } from '@portcullis/client'
import { useState } from 'react'
import { api } from '../../api.ts'
import { announce } from '../../app/Announcer.tsx'
import styles from '../../components/Actions.module.css'
import { Button } from '../../components/Button.tsx'
import { Refusal } from '../../components/Refusal.tsx'
import { TextBox } from '../../components/TextBox.tsx'
import { useCommand } from '../../data/useCommand.ts'
import { useDraft } from '../../data/useDraft.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import form from './Decide.module.css'

interface Properties {
  readonly requestId: string
  /** Whether the stage asks for a reason, as far as the page knows; the server decides. */
  readonly reasonNeeded?: boolean
  /** The reason, whenever it changes: the page keeps it when somebody else is first. */
  onWords?(words: string): void
  onRefused?(refusal: Refused): void
}

/** Two buttons and a reason. A missing reason is said by the server, and then at the field. */
export function DecideForm({ requestId, reasonNeeded = false, onWords, onRefused }: Properties) {
  const { t } = useI18n()
  const [reason, setReason, forget] = useDraft(`decide:${requestId}`)
  const [pressed, setPressed] = useState<'approve' | 'deny'>()
  const finish = (word: 'approvals.approved' | 'approvals.denied') => (): void => {
    forget()
    announce(t(word))
  }
  const approve = useCommand(api.approveRequest, finish('approvals.approved'), onRefused)
  const deny = useCommand(api.denyRequest, finish('approvals.denied'), onRefused)
  const error = pressed === 'deny' ? deny.error : approve.error
  const code = error !== null && 'code' in error ? error.code : undefined
  const needed = code === 'approval.justification-needed'
  const send = (decision: 'approve' | 'deny'): void => {
    setPressed(decision)
    const input = {
      requestId,
      ...(reason.trim() === '' ? {} : { justification: reason }),
    }
    if (decision === 'approve') approve.mutate(input)
    else deny.mutate(input)
  }
  return (
    <div className={form.form}>
      <TextBox
        label={reasonNeeded ? t('approvals.reason') : t('approvals.reasonOptional')}
        hint={t('approvals.reasonHint')}
        value={reason}
        required={reasonNeeded}
        onChange={(words) => {
          setReason(words)
          onWords?.(words)
        }}
        error={needed ? t('refusal.approval.justification-needed') : undefined}
      />
      {error !== null && !needed && <Refusal error={error} />}
      <div className={styles.pair}>
        <Button kind="danger" isPending={deny.isPending} onPress={() => send('deny')}>
          {t('approvals.deny')}
        </Button>
        <Button kind="primary" isPending={approve.isPending} onPress={() => send('approve')}>
          {t('approvals.approve')}
        </Button>
      </div>
    </div>
  )
}
