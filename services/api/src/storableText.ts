import type { FieldError } from '@portcullis/api-contract'

/** What no database keeps as text: the character U+0000, and half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/**
 * Texts of an input that can't be stored or looked up, whatever their field's own rule allows: one rule for each text
 * of each operation, keys included.
 * @param where what the paths begin with: `path`, `query` or `body`
 * @param value as a schema left it, so that it is no deeper than a schema is
 */
export const unstorableTexts = (where: string, value: unknown): FieldError[] => {
  if (typeof value === 'string')
    return isStorable(value)
      ? []
      : [
          {
            path: where,
            rule: 'text',
            message: 'holds the character U+0000 or half of a surrogate pair; remove it',
          },
        ]
  if (Array.isArray(value))
    return value.flatMap((item, index) => unstorableTexts(`${where}[${index}]`, item))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    isStorable(key) ? unstorableTexts(`${where}.${key}`, item) : unstorableTexts(where, key),
  )
}
