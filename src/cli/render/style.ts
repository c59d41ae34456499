// Colours, by hand: eight functions over text. Output must say the same without them.

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly blue: (text: string) => string
  readonly cyan: (text: string) => string
}

const plain = (text: string): string => text

/** Leaves every text as it is. */
export const plainStyle: Style = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  blue: plain,
  cyan: plain,
}

function wrap(open: number, close: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`)
}

/** ECMA-48 colours of the terminal's own palette. */
export const colorStyle: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  red: wrap(31, 39),
  green: wrap(32, 39),
  yellow: wrap(33, 39),
  blue: wrap(34, 39),
  cyan: wrap(36, 39),
}

export interface ColorRequest {
  readonly when: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTerminal: boolean
}

/** Whether to colour: what was asked for, else NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb, else whether it is a terminal. */
export function wantsColor({ when, env, isTerminal }: ColorRequest): boolean {
  if (when !== 'auto') return when === 'always'
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR'] ?? env['CLICOLOR_FORCE']
  if (forced !== undefined && forced !== '') return forced !== '0'
  return isTerminal && env['TERM'] !== 'dumb'
}

/** The text fit for a terminal: control characters, and those that turn the direction of writing, are shown as escapes. */
export function visible(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === '\n' || character === '\t') return character
    return `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`
  })
}
