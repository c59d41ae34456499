// Where the tools of the build are: the pinned ones in node_modules, found without their install scripts having run.

import fs from 'node:fs'
import path from 'node:path'

export const root: string = path.resolve(import.meta.dirname, '..')

/** Bun's executable: its postinstall moves it from the platform package to bun/bin; without install scripts it is still there. */
export function bunExecutable(): string | undefined {
  const modules = path.join(root, 'node_modules')
  const scope = path.join(modules, '@oven')
  const platformPackages = fs.existsSync(scope)
    ? fs.readdirSync(scope).map((name) => path.join(scope, name, 'bin'))
    : []
  for (const directory of [path.join(modules, 'bun', 'bin'), ...platformPackages]) {
    for (const name of ['bun.exe', 'bun']) {
      const file = path.join(directory, name)
      // The placeholder that stands there before the postinstall is a few hundred bytes of text.
      if (fs.existsSync(file) && fs.statSync(file).size > 1_000_000) {
        fs.chmodSync(file, 0o755)
        return file
      }
    }
  }
  return undefined
}

/** The command of a tool in node_modules/.bin. */
export function tool(name: string): string {
  return path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
}
