// Files of variables (`.env`), read for a run. Loaded before anything else of den where all else is remembered (cli/recall-run.ts): what
// they say is written down nowhere.

import { DenError } from '../base/error.ts'
import { type Host, variable } from '../host/host.ts'
import { parseDotenv } from '../spec/dotenv.ts'

export interface EnvVariables {
  readonly variables: ReadonlyMap<string, string>
  /** Lines that say nothing, from 1. */
  readonly passed: readonly { readonly file: string; readonly line: number }[]
}

/**
 * The later of the files over the earlier; variables that are set where den was called stay as they are, as with every tool but pipenv.
 * Throws `env-file-missing`.
 */
export function readEnvFiles(host: Pick<Host, 'files' | 'env' | 'platform'>, files: readonly string[]): EnvVariables {
  const found = new Map<string, string>()
  const passed: { readonly file: string; readonly line: number }[] = []
  for (const file of files) {
    const text = isFile(host, file) ? host.files.readText(file) : undefined
    if (text === undefined) throw new DenError('env-file-missing', { path: file })
    const told = parseDotenv(text, (name) => variable(host, name) ?? found.get(name))
    for (const line of told.passed) passed.push({ file, line })
    for (const [name, value] of told.variables) if (variable(host, name) === undefined) found.set(name, value)
  }
  return { variables: found, passed }
}

export function isFile({ files }: Pick<Host, 'files'>, place: string): boolean {
  return files.stat(place)?.kind === 'file'
}
