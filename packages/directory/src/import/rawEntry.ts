/** What stands on a line of a file: a value still to be checked, or what keeps it from being read. */
export type RawEntry =
  | { readonly line: number; readonly value: unknown }
  | { readonly line?: number; readonly problem: string }
