// `.env` files, as python-dotenv reads them, which pipenv and most others in Python's world use: NAME=value, `export` before it or not,
// values bare, in single or in double quotes, comments, and `${NAME}` or `${NAME:-otherwise}` in what is not in single quotes.

export interface Dotenv {
  readonly variables: ReadonlyMap<string, string>
  /** Lines (from 1) that say nothing. */
  readonly passed: readonly number[]
}

/** Values may refer to what stands before them in the file, and to `surroundings`. */
export function parseDotenv(text: string, surroundings: (name: string) => string | undefined): Dotenv {
  const variables = new Map<string, string>()
  const passed: number[] = []
  const source = text.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n')
  let line = 1
  let at = 0
  while (at < source.length) {
    binding.lastIndex = at
    const match = binding.exec(source)
    if (match === null) {
      const end = source.indexOf('\n', at)
      const rest = source.slice(at, end === -1 ? source.length : end)
      if (!/^[ \t]*(?:#.*)?$/.test(rest)) passed.push(line)
      at = end === -1 ? source.length : end + 1
      line += 1
      continue
    }
    const { name = '', single, double, bare } = match.groups ?? {}
    const told = (reference: string): string | undefined => surroundings(reference) ?? variables.get(reference)
    variables.set(
      name,
      single === undefined
        ? expand(double === undefined ? withoutComment(bare ?? '') : unescaped(double), told)
        : single.replaceAll(/\\([\\'])/g, '$1'),
    )
    line += match[0].split('\n').length - 1
    at = binding.lastIndex
  }
  return { variables, passed }
}

/** Sticky. A quoted value may have several lines; without a value (`NAME` alone) nothing is set. */
const binding =
  /[ \t]*(?:export[ \t]+)?(?<name>[^=#\s'"]+)[ \t]*=[ \t]*(?:'(?<single>(?:[^'\\]|\\[\s\S])*)'[ \t]*(?:#[^\n]*)?|"(?<double>(?:[^"\\]|\\[\s\S])*)"[ \t]*(?:#[^\n]*)?|(?<bare>[^\n]*))(?:\n|$)/y

function withoutComment(value: string): string {
  return value.replace(/(?:^|\s+)#.*$/, '').trimEnd()
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', b: '\b', v: '\v', a: '\x07' }

function unescaped(value: string): string {
  return value.replaceAll(
    /\\([\s\S])/g,
    (whole, letter: string) => escapes[letter] ?? (/["\\$']/.test(letter) ? letter : whole),
  )
}

function expand(value: string, told: (name: string) => string | undefined): string {
  return value.replaceAll(
    /\$\{(?<name>[^}:]*)(?::-(?<otherwise>[^}]*))?\}/g,
    (_, name: string, otherwise: string | undefined) => told(name) ?? otherwise ?? '',
  )
}
