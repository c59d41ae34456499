// The source of an exported type with the types it mentions, for docs/reference/json.md: what is documented is what is compiled.

import fs from 'node:fs'
import path from 'node:path'

export interface Declaration {
  readonly name: string
  readonly text: string
}

/** Has a page of its own. */
const elsewhere: ReadonlySet<string> = new Set(['ErrorCode'])

/** The declaration of `name` in `file`, then those of the den types it mentions, each once. Throws when there is none. */
export function typeSources(root: string, file: string, name: string): readonly Declaration[] {
  const done = new Set<string>()
  const declarations: Declaration[] = []
  const visit = (from: string, wanted: string): boolean => {
    const source = fs.readFileSync(from, 'utf8')
    const declaration = find(source, wanted)
    if (declaration === undefined) return false
    const key = `${from} ${wanted}`
    if (done.has(key)) return true
    done.add(key)
    declarations.push(declaration)
    for (const mentioned of new Set(withoutComments(declaration.text).match(/\b[A-Z]\w+\b/g) ?? [])) {
      if (mentioned === wanted || elsewhere.has(mentioned) || visit(from, mentioned)) continue
      const origin = importOf(source, mentioned)
      if (origin !== undefined) visit(path.resolve(path.dirname(from), origin.file), origin.name)
    }
    return true
  }
  if (!visit(path.join(root, file), name)) throw new Error(`${file} has no exported type ${name}`)
  return declarations
}

function find(source: string, name: string): Declaration | undefined {
  const start = new RegExp(`^(?:export )?(?:interface|type) ${name}\\b`, 'm').exec(source)
  if (start === null) return undefined
  const documented = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(source.slice(0, start.index))
  const from = documented === null ? start.index : documented.index
  const isInterface = /(?:interface) /.test(start[0])
  const text = source.slice(from, endOf(source, start.index, isInterface)).replace(/^export (?=interface|type)/m, '')
  return { name, text: text.trimEnd() }
}

/** An interface ends with its brace; a type alias where a line that begins anew follows. */
function endOf(source: string, start: number, isInterface: boolean): number {
  if (isInterface) {
    const end = source.indexOf('\n}', start)
    return end + 2
  }
  const rest = source.slice(start)
  const next = /\n(?=\n|\S)(?!\s*[|&]|\})/.exec(rest)
  return next === null ? source.length : start + next.index
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'[^']*'/g, "''")
}

function importOf(source: string, name: string): { readonly file: string; readonly name: string } | undefined {
  for (const match of source.matchAll(/import (?:type )?\{([^}]*)\} from '(\.[^']*)'/g)) {
    for (const part of match[1]!.split(',')) {
      const [original, local = original] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ')
      if (local === name) return { file: match[2]!, name: original! }
    }
  }
  return undefined
}
