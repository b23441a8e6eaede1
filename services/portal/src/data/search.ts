import type { Item } from '@portcullis/client'

type Requestable = Item<'listRequestablePackages'>

/** Those that hold every word somewhere: in name, description, or what they confer. Case and accents don't count. */
export const found = (packages: readonly Requestable[], text: string): readonly Requestable[] => {
  const words = plain(text).split(/\s+/).filter(Boolean)
  if (words.length === 0) return packages
  return packages.filter((each) => {
    const all = plain(
      [
        each.displayName,
        each.description,
        each.id,
        ...each.roles.flatMap(({ resourceName, roleName }) => [resourceName, roleName]),
      ].join(' '),
    )
    return words.every((word) => all.includes(word))
  })
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()
