// conda, mamba, micromamba: the installations in their usual places and by CONDA_*, and the environments they list.

import { type Host, variable } from '../../host/host.ts'
import { isReadableDirectory, listQuietly, readTextQuietly, statQuietly } from '../looking.ts'
import type { Candidate, Locator } from './locator.ts'

const names = [
  'miniconda3',
  'anaconda3',
  'miniforge3',
  'mambaforge',
  'miniconda',
  'anaconda',
  'micromamba',
  'miniforge-pypy3',
  '.conda',
  '.local/share/mamba',
]

export const conda: Locator = {
  name: 'conda',
  *find(host) {
    const roots = installations(host)
    const seen = new Set<string>()
    for (const prefix of [...roots, ...environments(host, roots)]) {
      if (seen.has(prefix)) continue
      seen.add(prefix)
      const candidate = inPrefix(host, prefix, roots.includes(prefix))
      if (candidate !== undefined) yield candidate
    }
  },
}

/** An environment without Python has a conda-meta and no executable: nothing for this list. */
function inPrefix(host: Host, prefix: string, isRoot: boolean): Candidate | undefined {
  const { path } = host
  if (!isReadableDirectory(host, path.join(prefix, 'conda-meta'))) return undefined
  const executable = host.platform === 'win32' ? path.join(prefix, 'python.exe') : path.join(prefix, 'bin', 'python')
  if (statQuietly(host, executable) !== 'file') return undefined
  return { executable, name: isRoot ? 'base' : path.basename(prefix) }
}

/** Where conda itself is installed, as far as its variables and the usual places tell. */
export function installations(host: Host): readonly string[] {
  const { path, home, platform } = host
  const roots = new Set<string>()
  for (const name of ['CONDA_EXE', '_CONDA_EXE', 'MAMBA_EXE']) {
    const value = variable(host, name)
    if (value !== undefined && path.isAbsolute(value)) roots.add(path.dirname(path.dirname(value)))
  }
  for (const name of ['CONDA_ROOT', '_CONDA_ROOT', 'MAMBA_ROOT_PREFIX']) {
    const value = variable(host, name)
    if (value !== undefined && path.isAbsolute(value)) roots.add(path.normalize(value))
  }
  const parents =
    platform === 'win32'
      ? [home, variable(host, 'LOCALAPPDATA'), variable(host, 'ProgramData'), 'C:\\']
      : [home, '/opt', '/usr/local', ...(home === undefined ? [] : [path.join(home, 'opt')])]
  for (const parent of parents) if (parent !== undefined) for (const name of names) roots.add(path.join(parent, name))
  if (platform !== 'win32') roots.add('/opt/conda')
  if (platform === 'darwin') {
    for (const cask of ['/opt/homebrew/Caskroom', '/usr/local/Caskroom']) {
      for (const name of ['miniconda', 'miniforge', 'mambaforge', 'anaconda']) roots.add(path.join(cask, name, 'base'))
    }
  }
  return [...roots].filter((root) => isReadableDirectory(host, root))
}

/** The environments beside the installations: listed, active, and in the configured directories. */
export function* environments(host: Host, roots: readonly string[]): Iterable<string> {
  const { path, home } = host
  const active = variable(host, 'CONDA_PREFIX')
  if (active !== undefined && path.isAbsolute(active)) yield path.normalize(active)
  const directories = new Set(roots.map((root) => path.join(root, 'envs')))
  if (home !== undefined) {
    directories.add(path.join(home, '.conda', 'envs'))
    // Every environment conda made, one a line.
    const listed = readTextQuietly(host, path.join(home, '.conda', 'environments.txt')) ?? ''
    for (const line of listed.split(/\r?\n/)) if (path.isAbsolute(line.trim())) yield path.normalize(line.trim())
  }
  for (const directory of configuredDirectories(host, roots)) directories.add(directory)
  for (const directory of directories) {
    for (const { name, kind } of listQuietly(host, directory)) {
      if (kind !== 'file' && !name.startsWith('.')) yield path.join(directory, name)
    }
  }
}

/** `envs_dirs` of the configuration files, and the variables that stand for it. */
function* configuredDirectories(host: Host, roots: readonly string[]): Iterable<string> {
  const { path, home } = host
  const expand = (entry: string): string =>
    home === undefined ? entry : entry.replace(/^~(?=[/\\]|$)/, home).replace(/\$\{?HOME\}?/g, home)
  for (const name of ['CONDA_ENVS_DIRS', 'CONDA_ENVS_PATH']) {
    for (const entry of (variable(host, name) ?? '').split(path.delimiter)) {
      if (path.isAbsolute(expand(entry))) yield path.normalize(expand(entry))
    }
  }
  const files = new Set<string>(host.platform === 'win32' ? [] : ['/etc/conda/.condarc', '/var/lib/conda/.condarc'])
  const named = variable(host, 'CONDARC')
  if (named !== undefined && path.isAbsolute(named)) files.add(named)
  for (const root of roots) files.add(path.join(root, '.condarc'))
  if (home !== undefined) {
    for (const parts of [['.condarc'], ['.conda', '.condarc'], ['.config', 'conda', '.condarc'], ['.mambarc']]) {
      files.add(path.join(home, ...parts))
    }
  }
  for (const file of files) {
    for (const entry of environmentDirectories(readTextQuietly(host, file) ?? '')) {
      if (path.isAbsolute(expand(entry))) yield path.normalize(expand(entry))
    }
  }
}

/** The entries of `envs_dirs` (or `envs_path`) in a .condarc: the one list wanted of it, in block or in flow style. */
export function environmentDirectories(text: string): readonly string[] {
  const plain = (entry: string): string =>
    entry
      .replace(/\s#.*$/, '')
      .trim()
      .replace(/^(['"])(.*)\1$/, '$2')
  const found: string[] = []
  let inside = false
  for (const line of text.split(/\r?\n/)) {
    const key = /^(envs_dirs|envs_path)\s*:\s*(.*)$/.exec(line)
    if (key !== null) {
      const flow = /^\[(.*)\]/.exec(key[2]!)
      if (flow !== null) found.push(...flow[1]!.split(',').map(plain))
      inside = flow === null
      continue
    }
    const item = inside ? /^\s*-\s+(.+)$/.exec(line) : null
    if (item !== null) found.push(plain(item[1]!))
    else if (/^\S/.test(line) && !line.startsWith('#')) inside = false
  }
  return found.filter((entry) => entry !== '')
}
