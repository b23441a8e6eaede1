/** A command that a page shows, and what it says that the command prints. */
export interface Step {
  /** As somebody types it, joined where it goes over several lines. */
  readonly line: string
  readonly output: string
}

/** Every `$` line of the ```console blocks of a page, in order, with what is below it. */
export const stepsOf = (page: string): readonly Step[] =>
  [...page.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [, line = '', output = ''] = /^((?:[^\n]*\\\n)*[^\n]*\n)(.*)$/s.exec(step) ?? []
        return { line: line.replaceAll(/\\\n\s*/g, '').trimEnd(), output: output.trimEnd() }
      }),
  )

/**
 * A text without what differs from run to run: instants, names of mail files, how often something was tried, the place
 * of the data folder.
 */
export const comparable = (text: string, dataFolder: string): string =>
  text
    .replaceAll(`${dataFolder}/`, '…/data/')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '<instant>')
    .replaceAll(/\d{8}T\d{6}Z-([\w-]+)-[0-9a-f]{8}\.eml/g, '<instant>-$1.eml')
    .replaceAll(/tried at <instant>|\d+ tries from <instant> to <instant>/g, '<tries>')
    .trimEnd()
