interface Named {
  readonly id: string
  readonly displayName: string | null
}

/** The names that a page knows; an id where it knows none. */
export const nameIn = (people: readonly (Named | null | undefined)[]) => {
  const names = new Map(people.map((person) => [person?.id, person?.displayName]))
  return (id: string): string => names.get(id) ?? id
}
