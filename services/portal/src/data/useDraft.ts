import { useEffect, useState } from 'react'

/**
 * A text that outlives a reload and a new sign-in in the same tab: nobody writes a reason twice.
 * @param key what it is for, as `request:web-team`
 * @returns the text, how to change it, and how to throw it away
 */
export const useDraft = (key: string) => {
  const name = `portcullis.draft.${key}`
  const [text, setText] = useState(() => read(name))
  useEffect(() => {
    try {
      if (text === '') sessionStorage.removeItem(name)
      else sessionStorage.setItem(name, text)
    } catch {
      // It lasts as long as the page, then.
    }
  }, [name, text])
  return [text, setText, () => setText('')] as const
}

const read = (name: string): string => {
  try {
    return sessionStorage.getItem(name) ?? ''
  } catch {
    return ''
  }
}
