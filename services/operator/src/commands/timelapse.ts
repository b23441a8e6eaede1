import type { Output } from '../output.ts'

export const timelapse = async (
  flags: { readonly quiet: boolean },
  output: Output,
): Promise<void> => {
  output.note(String(flags.quiet))
}
