// The few strings that locators want from other tools' TOML settings. No parser: what is written in an unusual way (a multi-line
// string, an inline table) is not found, and then the tool's default place is looked at.

/** The string at `key` of the table `[table]` ('' for the top), on one line, in either of TOML's quotes; dotted keys are understood. */
export function tomlString(text: string, table: string, key: string): string | undefined {
  let current = ''
  for (const line of text.split('\n')) {
    const header = /^\s*\[\s*([\w.\s-]+?)\s*\]\s*(?:#.*)?$/.exec(line)
    if (header !== null) {
      current = header[1]!.replace(/\s*\.\s*/g, '.')
      continue
    }
    const pair = /^\s*([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/.exec(line)
    if (pair === null) continue
    const full = current === '' ? pair[1]! : `${current}.${pair[1]!}`
    if (full !== (table === '' ? key : `${table}.${key}`)) continue
    return pair[3] ?? pair[2]!.replace(/\\(["\\])/g, '$1')
  }
  return undefined
}
