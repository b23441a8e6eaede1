import type { Answer } from '@portcullis/client'
import { Icon } from '../../components/Icon.tsx'
import { useI18n } from '../../i18n/I18n.tsx'
import type { Moments } from '../../i18n/moments.ts'
import type { Translate } from '../../i18n/translate.ts'
import styles from './Catalog.module.css'
import { endOf } from './endOf.ts'

type Policy = Answer<'getRequestablePackage'>['policies'][number]

/** What comes of a request under this policy: who is asked and until when, when it ends, whether it can go on. */
export function PolicySummary({ policy }: { readonly policy: Policy }) {
  const { t, moments } = useI18n()
  return (
    <ul className={styles.summary} aria-label={t('request.summary')}>
      <li>
        <Icon name="approvals" />
        {approvalOf(policy, t)}
      </li>
      <li>
        <Icon name="calendar" />
        {endOf(policy, t, moments)}
      </li>
      <li>
        <Icon name="clock" />
        {extensionOf(policy, t)}
      </li>
    </ul>
  )
}

/** The same in one line. */
export const policyLine = (policy: Policy, t: Translate, moments: Moments): string =>
  [approvalOf(policy, t), endOf(policy, t, moments)].join(' ')

const approvalOf = ({ approval }: Policy, t: Translate): string =>
  approval.required
    ? t('policy.approval', {
        stages: approval.stages.length,
        days: approval.stages[0]?.timeoutDays ?? 0,
      })
    : t('policy.noApproval')

const extensionOf = ({ extension }: Policy, t: Translate): string => {
  if (!extension.allowed) return t('policy.noExtension')
  return extension.approvalRequired ? t('policy.extensionAsked') : t('policy.extension')
}
