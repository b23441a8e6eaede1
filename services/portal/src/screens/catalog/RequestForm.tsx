import type { Answer } from '@portcullis/client'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { announce } from '../../app/Announcer.tsx'
import { Button } from '../../components/Button.tsx'
import { Card } from '../../components/Card.tsx'
import { Choices } from '../../components/Choices.tsx'
import { Refusal } from '../../components/Refusal.tsx'
import { TextBox } from '../../components/TextBox.tsx'
import { useCommand } from '../../data/useCommand.ts'
import { useDraft } from '../../data/useDraft.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Catalog.module.css'
import { PolicySummary, policyLine } from './PolicySummary.tsx'

const route = getRouteApi('/packages/$packageId')

type Requestable = Answer<'getRequestablePackage'>

/** Asks for a package: under which policy where there are several, why, and what will come of it. */
export function RequestForm({ of }: { readonly of: Requestable }) {
  const { t, moments } = useI18n()
  const navigate = useNavigate()
  const { policy: asked } = route.useSearch()
  const [chosen, setChosen] = useState<string | null>(asked ?? null)
  const [reason, setReason, forgetReason] = useDraft(`request:${of.id}`)
  const submit = useCommand(api.submitRequest, ({ requestId }) => {
    forgetReason()
    announce(t('request.sent'))
    if (requestId !== undefined)
      void navigate({ to: '/requests/$requestId', params: { requestId } })
  })
  const only = of.policies.length === 1 ? of.policies[0] : undefined
  const policy = only ?? of.policies.find((each) => each.id === chosen)
  const code = submit.error?.name === 'Refused' && 'code' in submit.error ? submit.error.code : ''
  const noReason = code === 'request.justification-needed'
  const send = (): void => {
    submit.mutate({
      packageId: of.id,
      ...(policy === undefined ? {} : { policyId: policy.id }),
      ...(reason.trim() === '' ? {} : { justification: reason }),
    })
  }
  return (
    <Card title={t('request.form')}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        {only === undefined && (
          <Choices
            label={t('request.policy')}
            value={policy?.id ?? null}
            onChange={(id) => {
              setChosen(id)
              void navigate({
                to: '/packages/$packageId',
                params: { packageId: of.id },
                search: { policy: id },
                replace: true,
              })
            }}
            choices={of.policies.map((each) => ({
              id: each.id,
              title: each.displayName,
              detail: policyLine(each, t, moments),
            }))}
          />
        )}
        <TextBox
          label={
            policy?.requestorJustification === true
              ? t('request.reason')
              : t('request.reasonOptional')
          }
          hint={t('request.reasonHint')}
          value={reason}
          onChange={setReason}
          required={policy?.requestorJustification === true}
          error={noReason ? t('refusal.request.justification-needed') : undefined}
        />
        {policy !== undefined && <PolicySummary policy={policy} />}
        {submit.error !== null && !noReason && <Refusal error={submit.error} />}
        <div className={styles.actions}>
          <Button type="submit" kind="primary" isPending={submit.isPending}>
            {t('request.send')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
