import styles from './Person.module.css'

interface Properties {
  readonly id: string
  readonly name: string | null
  readonly detail?: string | null | undefined
  readonly large?: boolean
}

/** A person by name and initials; by id where nobody knows the name any more. */
export function Person({ id, name, detail, large = false }: Properties) {
  const shown = name ?? id
  return (
    <span className={styles.person} data-large={large || undefined}>
      <span aria-hidden="true" className={styles.initials}>
        {initials(shown)}
      </span>
      <span className={styles.words}>
        <bdi className={styles.name}>{shown}</bdi>
        {detail !== undefined && detail !== null && <bdi className={styles.detail}>{detail}</bdi>}
      </span>
    </span>
  )
}

const initials = (name: string): string => {
  const words = name.split(/[\s._-]+/).filter((word) => word !== '')
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return picked.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('')
}
