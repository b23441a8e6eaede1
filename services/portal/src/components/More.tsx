import { useI18n } from '../i18n/I18n.tsx'
import { Button } from './Button.tsx'

interface Properties {
  readonly query: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    fetchNextPage(): Promise<unknown>
  }
}

/** The rest of a list, a page at a time; nothing where all of it is shown. */
export function More({ query }: Properties) {
  const { t } = useI18n()
  if (!query.hasNextPage) return null
  return (
    <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
      {t('list.more')}
    </Button>
  )
}
