/** Order of texts by their UTF-16 units, the same on every machine: `localeCompare` follows the user's language. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
