// A console script from its entry point, for scripts that were lost and can be written again without their distribution.

import { type ScriptHeaderOptions, scriptHeader } from '../shebang.ts'

export interface ConsoleEntry {
  readonly module: string
  /** "main", "Application.run". */
  readonly callable: string
}

/** The `console_scripts` and `gui_scripts` of an entry_points.txt, by script name. What is not well-formed is left out. */
export function parseConsoleEntries(text: string): ReadonlyMap<string, ConsoleEntry> {
  const entries = new Map<string, ConsoleEntry>()
  let section = ''
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*([^\]]+?)\s*\]\s*$/.exec(line)
    if (header !== null) {
      section = header[1]!
      continue
    }
    if (section !== 'console_scripts' && section !== 'gui_scripts') continue
    const entry = /^\s*([\w.+-]+(?: [\w.+-]+)*)\s*=\s*([A-Za-z_][\w.]*)\s*:\s*([A-Za-z_][\w.]*)\s*(?:\[.*\]\s*)?$/.exec(
      line,
    )
    if (entry !== null) entries.set(entry[1]!, { module: entry[2]!, callable: entry[3]! })
  }
  return entries
}

/** What installers write around the import and the call: nothing else may stand in a script that counts as theirs. */
const usualLines = [
  /^import (?:re|sys)$/,
  /^if __name__ == (['"])__main__\1:$/,
  /^(?:if|elif) sys\.argv\[0\]\.endswith\(.*\):$/,
  /^sys\.argv\[0\] = (?:re\.sub\(.*, sys\.argv\[0\]\)|sys\.argv\[0\](?:\[:-\d+\]|\.removesuffix\(.*\)))$/,
]

/**
 * The entry point that a script was generated from: pip's and distlib's, uv's, setuptools' and den's, of any age. `text` is what follows
 * the header. Undefined for a script that holds a single line more than they write: somebody's own work.
 */
export function parseConsoleScript(text: string): ConsoleEntry | undefined {
  let module: string | undefined
  let name: string | undefined
  let callable: string | undefined
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || usualLines.some((usual) => usual.test(line))) continue
    const imported = /^from ([A-Za-z_][\w.]*) import ([A-Za-z_]\w*)$/.exec(line)
    const called = /^sys\.exit\(([A-Za-z_][\w.]*)\(\)\)$/.exec(line)
    if (imported !== null && module === undefined) [, module, name] = imported
    else if (called !== null && callable === undefined) callable = called[1]
    else return undefined
  }
  const isWhole = module !== undefined && callable !== undefined && callable.split('.')[0] === name
  return isWhole ? { module: module!, callable: callable! } : undefined
}

/** The script as installers write it: import, call, exit with what was returned. */
export function formatConsoleScript(options: ScriptHeaderOptions & { readonly entry: ConsoleEntry }): string {
  const { module, callable } = options.entry
  const [first] = callable.split('.')
  return `${scriptHeader(options)}import sys\nfrom ${module} import ${first}\nif __name__ == '__main__':\n    sys.exit(${callable}())\n`
}
