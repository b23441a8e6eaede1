import type { Language } from './language.ts'
import type en from './messages/en.json'

/** The name of a message; English says which there are, and a spec holds the others to it. */
export type MessageKey = keyof typeof en
export type Messages = Readonly<Record<MessageKey, string>>

/** Each language is a file of its own, so that nobody loads the others. */
export const loadMessages: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => (await import('./messages/en.json')).default,
  de: async () => (await import('./messages/de.json')).default,
  ar: async () => (await import('./messages/ar.json')).default,
}
