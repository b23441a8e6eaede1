import styles from './Quote.module.css'

/** What somebody wrote, in their own words and under their name: never part of a sentence of ours. */
export function Quote({ by, text }: { readonly by?: string; readonly text: string }) {
  return (
    <figure className={styles.quote}>
      <blockquote dir="auto">{text}</blockquote>
      {by !== undefined && (
        <figcaption>
          <bdi>{by}</bdi>
        </figcaption>
      )}
    </figure>
  )
}
