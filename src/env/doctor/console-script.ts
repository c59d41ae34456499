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

/** The script as installers write it: import, call, exit with what was returned. */
export function formatConsoleScript(options: ScriptHeaderOptions & { readonly entry: ConsoleEntry }): string {
  const { module, callable } = options.entry
  const [first] = callable.split('.')
  return `${scriptHeader(options)}import sys\nfrom ${module} import ${first}\nif __name__ == '__main__':\n    sys.exit(${callable}())\n`
}
