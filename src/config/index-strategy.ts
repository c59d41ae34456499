// Which of several indexes a project comes from, where the command line does not say. Asked only where there is more than one index.
//
//   DEN_INDEX_STRATEGY → first-index, if the project's [tool.den] or den.toml asks for it → the user's den.toml → first-index
//
// A project's file comes with a checkout, which may be a stranger's: what is safe is not its to give up. It may ask for the stricter way
// and for no other.

import { DenError } from '../base/error.ts'
import { parseTomlDocument } from '../format/toml.ts'
import { type Host, variable } from '../host/host.ts'
import { projectSettings } from './project-settings.ts'

/** `first-index`: the first index that has the project; `best-version`: all of them together, as pip has it. */
export type IndexStrategy = 'first-index' | 'best-version'

const key = 'index-strategy'

const names: ReadonlyMap<string, IndexStrategy> = new Map([
  ['first-index', 'first-index'],
  ['best-version', 'best-version'],
  // uv's word for it.
  ['unsafe-best-match', 'best-version'],
])

type Machine = Pick<Host, 'env' | 'platform' | 'files' | 'path' | 'cwd'>

/**
 * The strategy. `configFile`: the user's den.toml; `ignored` is told of a project's wish that is not followed. Throws `invalid-setting`,
 * `invalid-toml`.
 */
export function readIndexStrategy(
  host: Machine,
  options: { readonly configFile?: string; readonly ignored?: (note: string) => void } = {},
): IndexStrategy {
  const set = variable(host, 'DEN_INDEX_STRATEGY')?.trim()
  if (set) return parseIndexStrategy(set, 'DEN_INDEX_STRATEGY')
  const project = projectStrategy(host)
  if (project?.strategy === 'first-index') return 'first-index'
  const own = userStrategy(host, options.configFile) ?? 'first-index'
  if (project !== undefined && own === 'first-index')
    options.ignored?.(
      `${key} in ${project.file} is not followed: a project’s file may not let any index give any project; --index-strategy, DEN_INDEX_STRATEGY and your own den.toml may`,
    )
  return own
}

/** Throws `invalid-setting`. */
export function parseIndexStrategy(value: string, setting: string): IndexStrategy {
  const strategy = names.get(value)
  if (strategy !== undefined) return strategy
  throw new DenError('invalid-setting', { setting, value, reason: 'it is first-index or best-version' })
}

function projectStrategy(host: Machine): { strategy: IndexStrategy; file: string } | undefined {
  const settings = projectSettings(host, host.cwd)
  const value = settings?.table[key]
  if (settings === undefined || value === undefined) return undefined
  const { file } = settings
  return { strategy: parseIndexStrategy(String(value), `${key} of den in ${file}`), file }
}

function userStrategy({ files }: Machine, file: string | undefined): IndexStrategy | undefined {
  const text = file !== undefined && files.stat(file)?.kind === 'file' ? files.readText(file) : undefined
  if (file === undefined || text === undefined) return undefined
  const value = parseTomlDocument(text, { file }).table[key]
  return value === undefined ? undefined : parseIndexStrategy(String(value), `${key} in ${file}`)
}
