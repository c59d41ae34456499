// Which of several indexes a project comes from, where the command line does not say: DEN_INDEX_STRATEGY, then `index-strategy` in the
// [tool.den] of the nearest pyproject.toml. Asked only where there is more than one index.

import { DenError } from '../base/error.ts'
import { isTomlTable, parseTomlDocument } from '../format/toml.ts'
import { type Host, variable } from '../host/host.ts'

/** `first-index`: the first index that has the project; `best-version`: all of them together, as pip has it. */
export type IndexStrategy = 'first-index' | 'best-version'

const names: ReadonlyMap<string, IndexStrategy> = new Map([
  ['first-index', 'first-index'],
  ['best-version', 'best-version'],
  // uv's word for it.
  ['unsafe-best-match', 'best-version'],
])

/** The strategy. Throws `invalid-setting`, `invalid-toml`. */
export function readIndexStrategy(host: Pick<Host, 'env' | 'platform' | 'files' | 'path' | 'cwd'>): IndexStrategy {
  const set = variable(host, 'DEN_INDEX_STRATEGY')?.trim()
  if (set) return parseIndexStrategy(set, 'DEN_INDEX_STRATEGY')
  for (let place = host.cwd; ; place = host.path.dirname(place)) {
    const file = host.path.join(place, 'pyproject.toml')
    const text = host.files.stat(file)?.kind === 'file' ? host.files.readText(file) : undefined
    // Most projects say nothing of den, and a file that is broken is not den's to complain of here.
    if (text !== undefined)
      return (text.includes('index-strategy') ? strategyIn(text, file) : undefined) ?? 'first-index'
    if (host.path.dirname(place) === place) return 'first-index'
  }
}

/** Throws `invalid-setting`. */
export function parseIndexStrategy(value: string, setting: string): IndexStrategy {
  const strategy = names.get(value)
  if (strategy !== undefined) return strategy
  throw new DenError('invalid-setting', { setting, value, reason: 'it is first-index or best-version' })
}

function strategyIn(text: string, file: string): IndexStrategy | undefined {
  const { tool } = parseTomlDocument(text, { file }).table
  const own = isTomlTable(tool) ? tool['den'] : undefined
  const value = isTomlTable(own) ? own['index-strategy'] : undefined
  if (value === undefined) return undefined
  return parseIndexStrategy(String(value), `index-strategy in [tool.den] of ${file}`)
}
