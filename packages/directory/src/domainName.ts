import { domainToASCII } from 'node:url'

/**
 * A domain as it is looked up: lower case, without a final dot, international names in punycode.
 * @returns undefined when the text isn't a domain name of at least two labels
 */
export const asciiDomain = (text: string): string | undefined => {
  const ascii = domainToASCII(text.trim().replace(/\.$/, '')).toLowerCase()
  const labels = ascii.split('.')
  const fits =
    ascii.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  return fits ? ascii : undefined
}
