import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from 'react-aria-components/Button'
import { Header } from 'react-aria-components/Header'
import { Menu, MenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import { Icon } from '../components/Icon.tsx'
import { useI18n } from '../i18n/I18n.tsx'
import { keepText, keptText, LANGUAGES, type Language } from '../i18n/language.ts'
import { signOut, useSession } from '../session.ts'
import styles from './AccountMenu.module.css'

const THEME_KEY = 'portcullis.theme'
const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

/** Who one is here; language, theme, where one is signed in, and out. */
export function AccountMenu() {
  const { t, language, choose } = useI18n()
  const session = useSession()
  const router = useRouter()
  const [theme, setTheme] = useState<Theme>(
    () => THEMES.find((each) => each === keptText(THEME_KEY)) ?? 'system',
  )
  const person = session?.me.person
  const pick = (next: Theme): void => {
    setTheme(next)
    keepText(THEME_KEY, next === 'system' ? null : next)
    const { dataset } = document.documentElement
    if (next === 'system') delete dataset.theme
    else dataset.theme = next
  }
  return (
    <MenuTrigger>
      <Button className={styles.trigger ?? ''}>
        <Icon name="person" />
        <span className="hidden">{t('account.menu')}</span>
        {person !== null && person !== undefined && <bdi>{person.displayName}</bdi>}
      </Button>
      <Popover className={styles.popover ?? ''} placement="bottom end">
        <Menu className={styles.menu ?? ''}>
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[language]}
            onSelectionChange={(keys) => {
              const next = LANGUAGES.find((each) => keys !== 'all' && keys.has(each))
              if (next !== undefined) choose(next)
            }}
          >
            <Header>{t('account.language')}</Header>
            {LANGUAGES.map((each) => (
              <MenuItem key={each} id={each} className={styles.item ?? ''} textValue={NAMES[each]}>
                <span lang={each}>{NAMES[each]}</span>
              </MenuItem>
            ))}
          </MenuSection>
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[theme]}
            onSelectionChange={(keys) => {
              const next = THEMES.find((each) => keys !== 'all' && keys.has(each))
              if (next !== undefined) pick(next)
            }}
          >
            <Header>{t('account.theme')}</Header>
            {THEMES.map((each) => (
              <MenuItem key={each} id={each} className={styles.item ?? ''}>
                {t(`account.theme.${each}`)}
              </MenuItem>
            ))}
          </MenuSection>
          {session !== null && session !== undefined && (
            <MenuSection aria-label={t('account.menu')}>
              <MenuItem
                id="sessions"
                className={styles.item ?? ''}
                onAction={() => void router.navigate({ to: '/settings/sessions' })}
              >
                {t('account.sessions')}
              </MenuItem>
              <MenuItem
                id="sign-out"
                className={styles.item ?? ''}
                onAction={() => void signOut(session.csrfToken)}
              >
                {t('account.signOut')}
              </MenuItem>
            </MenuSection>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  )
}

const NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch', ar: 'العربية' }
