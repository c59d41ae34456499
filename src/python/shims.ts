// Shims: the programs that pyenv, asdf and mise put on PATH in the place of Python, parsed and never run. What they would start is
// worked out from the same variables and files that the tools read.

import { type Host, searchPath, variable } from '../host/host.ts'
import { followLinks } from './links.ts'
import { compareNumbers, isReadableDirectory, listQuietly } from './looking.ts'

export interface Shim {
  readonly tool: 'pyenv' | 'asdf' | 'mise'
  /** The executable it would start; absent where the selected version has none of that name. */
  readonly target?: string
  /** Why that one, or why none: "3.11.7, by ~/.pyenv/version". */
  readonly why: string
}

/** What a shim leads to; undefined when the file is no shim. */
export function resolveShim(host: Host, executable: string): Shim | undefined {
  const tool = shimTool(host, executable)
  return tool === undefined ? undefined : resolvers[tool](host, executable)
}

/** Whose shim the file is, by its text or by the program that it links to. */
function shimTool(host: Host, executable: string): Shim['tool'] | undefined {
  const { path, files } = host
  const end = followLinks(host, executable)
  if (end.kind !== 'found') return undefined
  if (/^mise(?:\.exe)?$/i.test(path.basename(end.path))) return 'mise'
  const bytes = files.readBytes(end.path, { start: 0, length: 4096 })
  if (bytes === undefined) return undefined
  const isBatch = /\.(?:bat|cmd)$/i.test(end.path)
  if (!isBatch && (bytes[0] !== 0x23 || bytes[1] !== 0x21)) return undefined
  const text = new TextDecoder().decode(bytes)
  if (/\bpyenv(?:\.exe|\.bat)?["']?\s+exec\b/.test(text)) return 'pyenv'
  if (/\basdf["']?\s+exec\b/.test(text)) return 'asdf'
  return /\bmise(?:\.exe)?["']?\s+(?:exec|x)\b/.test(text) ? 'mise' : undefined
}

interface Selection {
  readonly versions: readonly string[]
  readonly by: string
}

const resolvers: { readonly [Tool in Shim['tool']]: (host: Host, executable: string) => Shim } = {
  pyenv: (host, executable) => {
    const { path } = host
    const root = path.dirname(path.dirname(executable))
    const named = variable(host, 'PYENV_VERSION')
    const selection: Selection =
      named !== undefined && named !== ''
        ? { versions: named.split(':'), by: 'PYENV_VERSION' }
        : (findVersionFile(host, ['.python-version'], (text) => words(text)) ??
          readVersionFile(host, path.join(root, 'version'), words) ?? { versions: ['system'], by: 'pyenv' })
    return choose(host, executable, { tool: 'pyenv', selection, versions: path.join(root, 'versions') })
  },
  asdf: (host, executable) => {
    const { path } = host
    const root = variable(host, 'ASDF_DATA_DIR') || path.dirname(path.dirname(executable))
    const named = variable(host, 'ASDF_PYTHON_VERSION')
    const file = variable(host, 'ASDF_DEFAULT_TOOL_VERSIONS_FILENAME') || '.tool-versions'
    const selection: Selection =
      named !== undefined && named !== ''
        ? { versions: named.split(/\s+/), by: 'ASDF_PYTHON_VERSION' }
        : (findVersionFile(host, [file], toolVersions) ?? { versions: [], by: file })
    return choose(host, executable, { tool: 'asdf', selection, versions: path.join(root, 'installs', 'python') })
  },
  mise: (host, executable) => {
    const { path } = host
    const root = variable(host, 'MISE_DATA_DIR') || path.dirname(path.dirname(executable))
    const named = variable(host, 'MISE_PYTHON_VERSION')
    const files = [
      'mise.local.toml',
      'mise.toml',
      '.mise.local.toml',
      '.mise.toml',
      '.tool-versions',
      '.python-version',
    ]
    const global = path.join(
      variable(host, 'MISE_CONFIG_DIR') ||
        path.join(variable(host, 'XDG_CONFIG_HOME') || path.join(host.home ?? '/', '.config'), 'mise'),
      'config.toml',
    )
    const parse = (text: string, name: string): readonly string[] =>
      name.endsWith('.toml') ? miseTools(text) : name === '.tool-versions' ? toolVersions(text) : words(text)
    const selection: Selection =
      named !== undefined && named !== ''
        ? { versions: named.split(/\s+/), by: 'MISE_PYTHON_VERSION' }
        : (findVersionFile(host, files, parse) ??
          readVersionFile(host, global, miseTools) ?? { versions: [], by: 'mise' })
    return choose(host, executable, { tool: 'mise', selection, versions: path.join(root, 'installs', 'python') })
  },
}

/** The first selected version that has the program. */
function choose(
  host: Host,
  executable: string,
  options: { readonly tool: Shim['tool']; readonly selection: Selection; readonly versions: string },
): Shim {
  const { path, files } = host
  const { tool, selection, versions } = options
  const program = path.basename(executable).replace(/\.(?:bat|cmd)$/i, '')
  for (const wanted of selection.versions) {
    if (wanted === 'system') {
      const found = nextOnPath(host, program, path.dirname(executable))
      if (found !== undefined) return { tool, target: found, why: `system, by ${selection.by}` }
      continue
    }
    const version = installedVersion(host, versions, wanted.replace(/^python-/, ''))
    if (version === undefined) continue
    const candidates =
      host.platform === 'win32'
        ? [path.join(versions, version, `${program}.exe`), path.join(versions, version, 'python.exe')]
        : [path.join(versions, version, 'bin', program)]
    const target = candidates.find((candidate) => files.stat(candidate)?.kind === 'file')
    if (target !== undefined) return { tool, target, why: `${version}, by ${selection.by}` }
  }
  const selected = selection.versions.join(' ')
  return {
    tool,
    why: `${tool}'s shim for ${program}: ${selected === '' ? 'no version is selected' : `${selected} is selected by ${selection.by}`}, which has no ${program}`,
  }
}

/** "3.12" stands for the newest 3.12.x that is installed. */
function installedVersion(host: Host, versions: string, wanted: string): string | undefined {
  if (isReadableDirectory(host, host.path.join(versions, wanted))) return wanted
  const line = `${wanted}.`
  return listQuietly(host, versions)
    .map(({ name }) => name)
    .filter((name) => name.startsWith(line) && /^[\d.]+$/.test(name))
    .sort(compareNumbers)
    .at(-1)
}

function nextOnPath(host: Host, program: string, shims: string): string | undefined {
  for (const directory of searchPath(host)) {
    if (host.path.normalize(`${directory}/.`) === host.path.normalize(`${shims}/.`)) continue
    const candidate = host.path.join(directory, host.platform === 'win32' ? `${program}.exe` : program)
    if (!host.files.isExecutable(candidate)) continue
    if (shimTool(host, candidate) === undefined) return candidate
  }
  return undefined
}

function readVersionFile(
  host: Host,
  file: string,
  parse: (text: string, name: string) => readonly string[],
): Selection | undefined {
  if (host.files.stat(file)?.kind !== 'file') return undefined
  const versions = parse(host.files.readText(file) ?? '', host.path.basename(file))
  return versions.length === 0 ? undefined : { versions, by: file }
}

/** From the working directory upward, then the home directory; the first file that names a Python. */
function findVersionFile(
  host: Host,
  names: readonly string[],
  parse: (text: string, name: string) => readonly string[],
): Selection | undefined {
  const { path, cwd, home } = host
  const directories: string[] = []
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    directories.push(directory)
    if (directory === path.dirname(directory)) break
  }
  // pyenv has a global file of its own instead.
  if (home !== undefined && names.includes('.tool-versions') && !directories.includes(home)) directories.push(home)
  for (const directory of directories) {
    for (const name of names) {
      const selection = readVersionFile(host, path.join(directory, name), parse)
      if (selection !== undefined) return selection
    }
  }
  return undefined
}

/** pyenv's format: the first word of each line; comments begin with #. A name that leads out of the versions is none, one like 3.12.1/envs/web is. */
function words(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s+/, '').split(/\s/)[0]!)
    .filter(
      (word) =>
        word !== '' && !word.startsWith('#') && !/^\.\.?$|[/\\]/.test(word.replace(/^\w[\w.+-]*\/envs\/(?=\w)/, '')),
    )
}

function toolVersions(text: string): readonly string[] {
  for (const line of text.split(/\r?\n/)) {
    const [tool, ...versions] = line.replace(/#.*$/, '').trim().split(/\s+/)
    if (tool === 'python') return versions.filter((version) => !/[/\\]|^\.\./.test(version))
  }
  return []
}

/** `python = "3.12"` or `python = ["3.12", "3.11"]` in the table [tools]: the one thing wanted of the file. */
function miseTools(text: string): readonly string[] {
  let inTools = false
  for (const line of text.split(/\r?\n/)) {
    const table = /^\s*\[([^\]]*)\]/.exec(line)
    if (table !== null) inTools = table[1]!.trim() === 'tools'
    const value = inTools ? /^\s*"?python"?\s*=\s*(.*)$/.exec(line)?.[1] : undefined
    if (value === undefined) continue
    const quoted = [...value.matchAll(/(?:version\s*=\s*)?["']([^"']+)["']/g)].map((match) => match[1]!)
    return quoted.filter((version) => !/[/\\]|^\.\./.test(version))
  }
  return []
}
