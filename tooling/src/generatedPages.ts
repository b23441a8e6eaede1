import { eventReference } from './eventReference/eventReference.ts'
import { permissionReference } from './permissionReference/permissionReference.ts'

/** A page of the docs that is made from the sources; `npm run docs` writes it. */
export interface GeneratedPage {
  readonly file: string
  /** @param root of the repository */
  readonly text: (root: string) => string
}

export const generatedPages: readonly GeneratedPage[] = [
  { file: 'docs/reference/events.md', text: eventReference },
  { file: 'docs/reference/permissions.md', text: permissionReference },
]
