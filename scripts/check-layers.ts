// The layers, as a program: a folder imports only from itself and from folders above it in this list. It also keeps `process` and
// `console` inside host/ and cli/, and writes to the file system inside host/. `--diagram` prints the map for ARCHITECTURE.md.

import fs from 'node:fs'
import path from 'node:path'

interface Layer {
  readonly name: string
  readonly half: 'pure' | 'world' | 'surface'
  readonly says: string
}

/** From the top, which imports nothing, down to the surface, which may import all. */
export const layers: readonly Layer[] = [
  { name: 'base', half: 'pure', says: 'errors and their words, events, SafeUrl' },
  { name: 'format', half: 'pure', says: 'INI, mail headers, zip structure' },
  { name: 'spec', half: 'pure', says: 'one module a standard' },
  { name: 'resolve', half: 'pure', says: 'the solver' },
  { name: 'plan', half: 'pure', says: 'installed and wanted to a plan' },
  { name: 'host', half: 'world', says: 'the machine: files, processes, locks; the one place that writes' },
  { name: 'journal', half: 'world', says: 'transactions over the file system' },
  { name: 'config', half: 'world', says: 'files, variables and options to settings' },
  { name: 'net', half: 'world', says: 'HTTP' },
  { name: 'store', half: 'world', says: 'unpacked distributions, one tree each' },
  { name: 'python', half: 'world', says: 'interpreters: locators, inspection' },
  { name: 'indexes', half: 'world', says: 'the simple API' },
  { name: 'channels', half: 'world', says: 'conda channels' },
  { name: 'env', half: 'world', says: 'create, activate, find, explain, repair environments' },
  { name: 'project', half: 'world', says: 'what a directory says' },
  { name: 'install', half: 'world', says: 'distributions into environments' },
  { name: 'build', half: 'world', says: 'building from source' },
  { name: 'engine', half: 'world', says: 'joins the parts: seed, prepare, apply' },
  { name: 'commands', half: 'world', says: 'request to result; session.ts composes' },
  { name: 'index.ts', half: 'surface', says: 'the library' },
  { name: 'cli', half: 'surface', says: 'argv to requests, results to lines' },
]

const source = path.resolve(import.meta.dirname, '..', 'src')

function sourceFiles(directory: string): string[] {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name)
    if (entry.isDirectory()) return sourceFiles(file)
    return /\.ts$/.test(entry.name) && !/\.(test|generated)\.ts$/.test(entry.name) ? [file] : []
  })
}

function layerOf(file: string): string {
  return path.relative(source, file).split(path.sep)[0]!
}

/** Comments and strings may name what code may not do. */
function codeOnly(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replace(/`(?:[^`\\$]|\\.|\$(?!\{))*`/g, '``')
}

const writes =
  /\b(?:fs|fsp|promises)\.(?:write|append|mkdir|mkdtemp|rm|rmdir|unlink|rename|link|symlink|copyFile|cp|chmod|chown|utimes|truncate|createWriteStream)\w*\(/

interface Edge {
  readonly from: string
  readonly to: string
}

function examine(): {
  readonly problems: string[]
  readonly edges: readonly Edge[]
  readonly present: ReadonlySet<string>
} {
  const order = new Map(layers.map((layer, index) => [layer.name, index]))
  const problems: string[] = []
  const edges = new Map<string, Edge>()
  const present = new Set<string>()
  for (const file of sourceFiles(source)) {
    const name = path.relative(source, file)
    const from = layerOf(file)
    present.add(from)
    if (!order.has(from)) {
      problems.push(`${name}: the folder ${from} is in no layer (scripts/check-layers.ts)`)
      continue
    }
    const text = fs.readFileSync(file, 'utf8')
    for (const match of text.matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      const target = match[1]!
      const pure = layers[order.get(from)!]!.half === 'pure'
      if (!target.startsWith('.')) {
        if (pure && target.startsWith('node:')) problems.push(`${name}: pure code imports ${target}`)
        continue
      }
      const to = layerOf(path.resolve(path.dirname(file), target))
      if (to === from) continue
      edges.set(`${from} ${to}`, { from, to })
      if ((order.get(to) ?? Number.POSITIVE_INFINITY) > order.get(from)!) {
        problems.push(`${name}: ${from} imports ${to}, which stands below it`)
      }
    }
    const code = codeOnly(text)
    if (from !== 'host' && from !== 'cli') {
      if (/\b(?:process|console)\./.test(code)) problems.push(`${name}: uses process or console outside host/ and cli/`)
    }
    if (from !== 'host' && writes.test(code)) problems.push(`${name}: writes to the file system outside host/`)
    if (from !== 'host' && /from 'node:fs(?:\/promises)?'/.test(text))
      problems.push(`${name}: imports node:fs outside host/`)
  }
  return { problems, edges: [...edges.values()], present }
}

/** The map that stands in ARCHITECTURE.md, between its markers. */
export function layerDiagram(): string {
  const { edges, present } = examine()
  const rows = layers.filter((layer) => present.has(layer.name))
  const width = Math.max(...rows.map((layer) => layer.name.length))
  return rows
    .map((layer) => {
      const uses = rows.filter((other) => edges.some((edge) => edge.from === layer.name && edge.to === other.name))
      const list = uses.map((other) => other.name).join(' ')
      return `${layer.name.padEnd(width)}  ${layer.half.padEnd(7)}  ${layer.says}${list === '' ? '' : `\n${' '.repeat(width + 11)}uses ${list}`}`
    })
    .join('\n')
}

/** Every breach of the layers, one line each. */
export function layerProblems(): readonly string[] {
  return examine().problems
}

if (import.meta.main) {
  if (process.argv.includes('--diagram')) console.log(layerDiagram())
  else {
    const problems = layerProblems()
    for (const problem of problems) console.error(problem)
    console.log(problems.length === 0 ? 'layers hold' : `${problems.length} breaches of the layers`)
    process.exitCode = problems.length === 0 ? 0 : 1
  }
}
