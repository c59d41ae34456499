// The Windows registry through reg.exe: present on every Windows, no add-on needed, and asked for a whole subtree at once.

import type { Registry, RegistryKey } from './registry.ts'

/** Reads `reg query KEY` output: the key's own line, its values (name, type, text), then its subkeys' lines. */
export function parseRegQuery(text: string, key: string): RegistryKey {
  const values = new Map<string, string>()
  const subkeys: string[] = []
  const prefix = `${key}\\`.toLowerCase()
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('    ')) {
      const match = /^ {4}(.*?) {4}(REG_[A-Z_]+) {4}(.*)$/.exec(line) ?? /^ {4}(.*?) {4}(REG_[A-Z_]+)()$/.exec(line)
      if (match !== null) values.set(match[1] === '(Default)' ? '' : match[1]!, match[3]!)
    } else if (line.toLowerCase().startsWith(prefix)) {
      subkeys.push(line.slice(prefix.length).trimEnd())
    }
  }
  return { values, subkeys }
}

const hiveNames = { HKCU: 'HKEY_CURRENT_USER', HKLM: 'HKEY_LOCAL_MACHINE' } as const

export const windowsRegistry: Registry = {
  read: (hive, path, view) => {
    const key = `${hiveNames[hive]}\\${path}`
    const args = ['query', key, ...(view === undefined ? [] : [`/reg:${view}`])]
    // Loaded where it is used: node:child_process costs a third of a millisecond.
    const { spawnSync } = process.getBuiltinModule('node:child_process')
    const answer = spawnSync('reg', args, { encoding: 'utf8', windowsHide: true, timeout: 5000 })
    return answer.status === 0 ? parseRegQuery(answer.stdout, key) : undefined
  },
}
