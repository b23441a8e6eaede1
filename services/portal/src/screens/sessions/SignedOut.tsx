import { buttonClass } from '../../components/buttonClass.ts'
import { Page } from '../../components/Page.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { useI18n } from '../../i18n/I18n.tsx'

export function SignedOut() {
  const { t } = useI18n()
  return (
    <Page title={t('signedOut.title')} narrow>
      <Empty
        icon="check"
        title={t('signedOut.done')}
        action={
          <a href="/auth/sign-in?returnTo=%2F" className={buttonClass('primary')}>
            {t('session.signInAgain')}
          </a>
        }
      >
        {t('signedOut.words')}
      </Empty>
    </Page>
  )
}
