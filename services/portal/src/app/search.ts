/** What the addresses of lists carry after the question mark; what isn't known there is left out. */
type Raw = Readonly<Record<string, unknown>>

const CATALOG_TABS = ['available', 'active', 'expired'] as const
export type CatalogTab = (typeof CATALOG_TABS)[number]
const LIST_TABS = ['open', 'closed'] as const
export type ListTab = (typeof LIST_TABS)[number]

export const catalogSearch = (raw: Raw): { readonly tab?: CatalogTab; readonly q?: string } => {
  const tab = CATALOG_TABS.find((each) => each === raw.tab)
  const q = textOf(raw.q)
  return { ...(tab === undefined ? {} : { tab }), ...(q === undefined ? {} : { q }) }
}

export const listSearch = (raw: Raw): { readonly tab?: ListTab; readonly ids?: string } => {
  const tab = LIST_TABS.find((each) => each === raw.tab)
  const ids = textOf(raw.ids, 4000)
  return { ...(tab === undefined ? {} : { tab }), ...(ids === undefined ? {} : { ids }) }
}

export const packageSearch = (raw: Raw): { readonly policy?: string } => {
  const policy = textOf(raw.policy)
  return policy === undefined ? {} : { policy }
}

const textOf = (value: unknown, most = 200): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'
    ? String(value).slice(0, most)
    : undefined
