// Windows: the registry (PEP 514), the Store's packages, the install manager, WinPython and Scoop.

import { type Host, variable } from '../../host/host.ts'
import { listQuietly, statQuietly } from '../looking.ts'
import type { Candidate, Locator } from './locator.ts'

/**
 * PEP 514: Software\Python\COMPANY\TAG. HKCU hides the same company and tag of HKLM; the 64-bit view comes before the 32-bit one.
 * "the key PyLauncher is reserved"; an unknown company is offered like any other.
 */
export const registry: Locator = {
  name: 'registry',
  *find(host) {
    if (host.platform !== 'win32') return
    const seen = new Set<string>()
    for (const [hive, view] of [
      ['HKCU', undefined],
      ['HKLM', 64],
      ['HKLM', 32],
    ] as const) {
      const companies = host.registry.read(hive, 'Software\\Python', view)?.subkeys ?? []
      for (const company of [...companies].sort((one, other) => rank(one) - rank(other))) {
        if (company === 'PyLauncher') continue
        const tags = host.registry.read(hive, `Software\\Python\\${company}`, view)?.subkeys ?? []
        for (const tag of tags) {
          // A 32-bit installation for all users has the suffix -32 in its tag, so that the views do not collide.
          const key = `${company}\\${tag}`
          if (seen.has(key)) continue
          const executable = executableOf(host, hive, `Software\\Python\\${key}`, view)
          if (executable === undefined) continue
          seen.add(key)
          yield { executable, name: key }
        }
      }
    }
  },
}

/** python.org's installer registers as PythonCore. */
function rank(company: string): number {
  return company === 'PythonCore' ? 0 : 1
}

/** "If ExecutablePath is not specified, python.exe in InstallPath's default value" for PythonCore; others name it. */
function executableOf(host: Host, hive: 'HKCU' | 'HKLM', key: string, view: 32 | 64 | undefined): string | undefined {
  const values = host.registry.read(hive, `${key}\\InstallPath`, view)?.values
  const named = values?.get('ExecutablePath')
  if (named !== undefined && named !== '') return named
  const prefix = values?.get('')
  return prefix === undefined || prefix === '' ? undefined : host.path.join(prefix, 'python.exe')
}

/** The aliases of Store packages. The plain python.exe above them opens the Store where no package is installed. */
export const store: Locator = {
  name: 'windows-store',
  *find(host) {
    const local = variable(host, 'LOCALAPPDATA')
    if (host.platform !== 'win32' || local === undefined) return
    const apps = host.path.join(local, 'Microsoft', 'WindowsApps')
    for (const { name } of [...listQuietly(host, apps)].reverse()) {
      const match = /^PythonSoftwareFoundation\.Python\.(\d\.\d+)_/.exec(name)
      if (match !== null) yield { executable: host.path.join(apps, name, 'python.exe'), name: match[1]! }
    }
  },
}

/** The Python install manager (the new `py`): %LOCALAPPDATA%\Python\pythoncore-3.14-64. */
export const installManager: Locator = {
  name: 'pymanager',
  *find(host) {
    const local = variable(host, 'LOCALAPPDATA')
    if (host.platform !== 'win32' || local === undefined) return
    for (const directory of [host.path.join(local, 'Python'), host.path.join(local, 'Python', 'pkgs')]) {
      for (const { name } of [...listQuietly(host, directory)].reverse()) {
        const executable = host.path.join(directory, name, 'python.exe')
        if (name !== 'bin' && statQuietly(host, executable) === 'file') yield { executable, name }
      }
    }
  },
}

export const winPython: Locator = {
  name: 'winpython',
  *find(host) {
    if (host.platform !== 'win32') return
    const { path, home } = host
    const given = variable(host, 'WINPYTHON_HOME')
    for (const parent of [given, home === undefined ? undefined : path.join(home, 'WinPython')]) {
      if (parent === undefined) continue
      // WPy64-31230 holds python-3.12.3.amd64, newer ones python.
      const packages = listQuietly(host, parent).filter(({ name }) => /^(?:WPy|WinPython)/i.test(name))
      for (const root of [parent, ...packages.map(({ name }) => path.join(parent, name)).reverse()]) {
        for (const { name } of listQuietly(host, root)) {
          const executable = path.join(root, name, 'python.exe')
          if (/^python(?:-\d.*)?$/i.test(name) && statQuietly(host, executable) === 'file') {
            yield { executable, name: path.basename(root) } satisfies Candidate
          }
        }
      }
    }
  },
}

export const scoop: Locator = {
  name: 'scoop',
  *find(host) {
    if (host.platform !== 'win32') return
    const { path, home } = host
    const roots = [
      variable(host, 'SCOOP') ?? (home === undefined ? undefined : path.join(home, 'scoop')),
      variable(host, 'SCOOP_GLOBAL') ?? path.join(variable(host, 'ProgramData') ?? 'C:\\ProgramData', 'scoop'),
    ]
    for (const root of roots) {
      if (root === undefined) continue
      const apps = path.join(root, 'apps')
      for (const { name } of [...listQuietly(host, apps)].reverse()) {
        const executable = path.join(apps, name, 'current', 'python.exe')
        if (/^python\d*$/.test(name) && statQuietly(host, executable) === 'file') yield { executable, name }
      }
    }
  },
}
