import type { Answer } from '@portcullis/client'
import type { Moments } from '../../i18n/moments.ts'
import type { Translate } from '../../i18n/translate.ts'

type Policy = Answer<'getRequestablePackage'>['policies'][number]

/** When access under a policy ends, in a sentence. */
export const endOf = (
  { expiration }: Pick<Policy, 'expiration'>,
  t: Translate,
  moments: Moments,
): string => {
  switch (expiration.kind) {
    case 'never':
      return t('policy.never')
    case 'onDate':
      return t('policy.onDate', { date: moments.date(expiration.date) })
    case 'afterDays':
      return t('policy.afterDays', { count: expiration.days })
    case 'afterHours':
      return t('policy.afterHours', { count: expiration.hours })
    default:
      return expiration satisfies never
  }
}
