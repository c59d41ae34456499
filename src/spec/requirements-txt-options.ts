// The options of a line in a requirements file: words as a shell splits them, options as Python's optparse reads them (unique
// beginnings of long names, `-rFILE`, `--name=value`), and the options that pip takes there.

import type { Span } from '../base/span.ts'

export type FileOption =
  | 'index-url'
  | 'extra-index-url'
  | 'no-index'
  | 'constraint'
  | 'requirement'
  | 'editable'
  | 'find-links'
  | 'no-binary'
  | 'only-binary'
  | 'prefer-binary'
  | 'require-hashes'
  | 'no-require-hashes'
  | 'pre'
  | 'all-releases'
  | 'only-final'
  | 'trusted-host'
  | 'use-feature'
  | 'hash'
  | 'config-settings'

export interface OptionUse {
  readonly option: FileOption
  /** Absent for a flag. */
  readonly value?: string
}

export interface LineOptions {
  readonly uses: readonly OptionUse[]
  /** Words that belong to no option; pip reads over them. */
  readonly rest: readonly string[]
}

/** Throws for what is wrong with a line, and where in it. */
export type Fail = (reason: string, span: Span) => never

interface OptionRule {
  readonly option: FileOption
  readonly long: readonly string[]
  readonly short?: string
  readonly flag?: true
}

const rules: readonly OptionRule[] = [
  { option: 'index-url', short: 'i', long: ['index-url', 'pypi-url'] },
  { option: 'extra-index-url', long: ['extra-index-url'] },
  { option: 'no-index', long: ['no-index'], flag: true },
  { option: 'constraint', short: 'c', long: ['constraint'] },
  { option: 'requirement', short: 'r', long: ['requirement'] },
  { option: 'editable', short: 'e', long: ['editable'] },
  { option: 'find-links', short: 'f', long: ['find-links'] },
  { option: 'no-binary', long: ['no-binary'] },
  { option: 'only-binary', long: ['only-binary'] },
  { option: 'prefer-binary', long: ['prefer-binary'], flag: true },
  { option: 'require-hashes', long: ['require-hashes'], flag: true },
  { option: 'no-require-hashes', long: ['no-require-hashes'], flag: true },
  { option: 'pre', long: ['pre'], flag: true },
  { option: 'all-releases', long: ['all-releases'] },
  { option: 'only-final', long: ['only-final'] },
  { option: 'trusted-host', long: ['trusted-host'] },
  { option: 'use-feature', long: ['use-feature'] },
  { option: 'hash', long: ['hash'] },
  { option: 'config-settings', short: 'C', long: ['config-settings'] },
]

/** Features that pip 26.3 knows; the last three are always on there, and naming them is harmless. */
const features = [
  'fast-deps',
  'inprocess-build-deps',
  'venv-isolation',
  'truststore',
  'no-binary-enable-wheel-cache',
  'build-constraint',
]

/** Algorithms strong enough to check a file with. */
const strongHashes: readonly string[] = ['sha256', 'sha384', 'sha512']

/** Where a line's options begin: at its first word, parted by single spaces, that starts with `-`. The rest is the requirement. */
export function optionsStart(line: string): number {
  if (line.startsWith('-')) return 0
  const at = line.indexOf(' -')
  return at === -1 ? line.length : at + 1
}

/** Reads the options that begin at `start`. */
export function parseLineOptions(line: string, start: number, fail: Fail): LineOptions {
  const words = splitWords(line, start, fail)
  const uses: OptionUse[] = []
  const rest: string[] = []
  let next = 0
  const takeValue = (name: string, at: Span): string => {
    const word = words[next]
    if (word === undefined) return fail(`${name} needs a value`, at)
    next++
    return word.text
  }
  const use = (rule: OptionRule, at: Span, value?: string): void => {
    uses.push(value === undefined ? { option: rule.option } : { option: rule.option, value })
    const problem = value === undefined ? undefined : valueProblem(rule.option, value)
    if (problem !== undefined) fail(problem, at)
  }
  while (next < words.length) {
    const { text: word, span } = words[next]!
    next++
    if (word === '--') {
      rest.push(...words.slice(next).map(({ text }) => text))
      break
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals === -1 ? word : word.slice(0, equals)
      const rule = findLong(name.slice(2), span, fail)
      if (rule.flag === true) {
        if (equals !== -1) fail(`${name} takes no value`, span)
        use(rule, span)
      } else {
        use(rule, span, equals === -1 ? takeValue(name, span) : word.slice(equals + 1))
      }
    } else if (word.startsWith('-') && word.length > 1) {
      // Every short option that pip takes here has a value, so the first letter decides.
      const letter = String.fromCodePoint(word.codePointAt(1)!)
      const rule = rules.find(({ short }) => short === letter)
      if (rule === undefined) return fail(`there is no option -${letter} in requirements files`, span)
      use(rule, span, word.length > 2 ? word.slice(2) : takeValue(`-${letter}`, span))
    } else {
      rest.push(word)
    }
  }
  return { uses, rest }
}

/** A long option by its name or a beginning that no other has. */
function findLong(name: string, span: Span, fail: Fail): OptionRule {
  const exact = rules.find(({ long }) => long.includes(name))
  if (exact !== undefined) return exact
  const possible = rules.flatMap((rule) =>
    rule.long.filter((long) => long.startsWith(name)).map((long) => ({ rule, long })),
  )
  if (possible.length === 1) return possible[0]!.rule
  return fail(
    possible.length === 0
      ? `there is no option --${name} in requirements files`
      : `--${name} may be ${possible.map(({ long }) => `--${long}`).join(' or ')}`,
    span,
  )
}

function valueProblem(option: FileOption, value: string): string | undefined {
  switch (option) {
    case 'hash': {
      const colon = value.indexOf(':')
      if (colon === -1) return 'a hash is written like --hash=sha256:abcde…'
      if (!strongHashes.includes(value.slice(0, colon))) return `a hash is one of ${strongHashes.join(', ')}`
      return undefined
    }
    case 'config-settings':
      return value.includes('=') ? undefined : 'a setting is written like --config-settings KEY=VALUE'
    case 'use-feature':
      return features.includes(value) ? undefined : `a feature is one of ${features.join(', ')}`
    case 'no-binary':
    case 'only-binary':
    case 'all-releases':
    case 'only-final':
      return value.startsWith('-') ? `--${option} needs a value` : undefined
    default:
      return undefined
  }
}

function plainWords(line: string, start: number): Word[] {
  const words: Word[] = []
  const pattern = /[^ \t\r\n]+/g
  pattern.lastIndex = start
  for (let found = pattern.exec(line); found !== null; found = pattern.exec(line)) {
    words.push({ text: found[0], span: { start: found.index, end: pattern.lastIndex } })
  }
  return words
}

interface Word {
  readonly text: string
  readonly span: Span
}

/** Splits like a POSIX shell without expansions (Python's `shlex.split`). */
function splitWords(line: string, start: number, fail: Fail): Word[] {
  // Few lines quote anything, and files with hashes are long.
  if (!/["'\\]/.test(line.slice(start))) return plainWords(line, start)
  const words: Word[] = []
  let word: string | undefined
  let begun = start
  let quote = ''
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at)
    if (word === undefined) begun = at
    if (quote !== '') {
      if (character === quote) quote = ''
      else if (character === '\\' && quote === '"') {
        const escaped = line.charAt(++at)
        if (escaped === '') break
        word += escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`
      } else word += character
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push({ text: word, span: { start: begun, end: at } })
      word = undefined
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (character === '\\') {
      const escaped = line.charAt(++at)
      if (escaped === '') fail('nothing follows the backslash', { start: at - 1, end: at })
      word = (word ?? '') + escaped
    } else word = (word ?? '') + character
  }
  if (quote !== '') fail('the closing quote is missing', { start: begun, end: line.length })
  if (word !== undefined) words.push({ text: word, span: { start: begun, end: line.length } })
  return words
}
