// What goes with a distribution that setuptools put in before there were wheels: an egg, an egg-info directory, a link to somebody's
// sources. None has a RECORD; how each was installed tells what is its own. distutils' are refused: nothing tells what they brought.

import { readZippedEgg } from '../env/egg.ts'
import type { InstalledDistribution } from '../env/installed.ts'
import type { Host } from '../host/host.ts'
import { parseEntryPoints } from '../spec/entry-points.ts'
import { bytecodeOf, containment, type Removal, type RemovalRequest, refusal } from './removal.ts'

type Reader = Pick<Host, 'files' | 'path' | 'platform'>

export function planLegacyRemoval(host: Reader, request: RemovalRequest): Removal {
  const { distribution, paths } = request
  const { files, path } = host
  const { site, location, kind } = distribution
  const found = kind === 'develop' ? developed(host, distribution) : installed(host, distribution)
  const metadata = readMetadata(host, found.metadata)
  const scripts = scriptNames(host, metadata).map((name) => path.join(paths.scripts, name))
  const inside = containment(host, paths)
  const caches = new Map<string, readonly string[]>()
  const all = new Set<string>()
  for (const file of [...found.files, ...scripts]) {
    const problem = inside(file)
    if (problem !== undefined) throw refusal(distribution, problem, file)
    if (files.lstat(file)?.kind !== 'directory')
      for (const one of [file, ...bytecodeOf(host, file, caches)]) all.add(one)
    else for (const one of filesUnder(host, file)) all.add(one)
  }
  const list = path.join(site, 'easy-install.pth')
  const text = found.listed === undefined ? undefined : withoutLine(host, list, found.listed)
  return {
    distribution,
    files: [...all, ...(kind === 'develop' ? [location] : [])],
    rewrites: text === undefined ? [] : [{ file: list, text }],
  }
}

interface Found {
  /** Files, and directories that go with all that is in them. */
  readonly files: readonly string[]
  /** The directory that holds entry_points.txt and scripts. */
  readonly metadata: string
  /** What easy-install.pth names it by. */
  readonly listed?: string
}

/** `setup.py develop`: the project is where its sources are; only the link to it and its scripts are here. */
function developed({ files, path }: Reader, { location, site, project }: InstalledDistribution): Found {
  const [line = ''] = (files.readText(location) ?? '').split('\n')
  const source = path.resolve(site, line.trim())
  const names = files.names(source) ?? []
  const info = names.find(
    (name) =>
      name.endsWith('.egg-info') &&
      name
        .slice(0, -'.egg-info'.length)
        .replace(/[-_.]+/g, '-')
        .toLowerCase() === project,
  )
  return {
    files: [],
    metadata: path.join(source, info ?? '.egg-info'),
    ...(line.trim() === '' ? {} : { listed: source }),
  }
}

function installed(host: Reader, distribution: InstalledDistribution): Found {
  const { files, path } = host
  const { location, site } = distribution
  if (location.endsWith('.egg'))
    return { files: [location], metadata: path.join(location, 'EGG-INFO'), listed: location }
  if (files.lstat(location)?.kind !== 'directory')
    throw refusal(distribution, 'distutils installed it, and wrote down no list of the files that it brought')
  // Where pip ran setup.py it asked for a list; its paths start from the egg-info directory.
  const list = files.readText(path.join(location, 'installed-files.txt'))
  if (list !== undefined) {
    const named = list.split(/\r?\n/).filter((line) => line !== '')
    return { files: [location, ...named.map((line) => path.resolve(location, line))], metadata: location }
  }
  const lines = (name: string): readonly string[] =>
    (files.readText(path.join(location, name)) ?? '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '')
  const top = files.readText(path.join(location, 'top_level.txt'))
  if (top === undefined) throw refusal(distribution, 'it has neither a list of its files nor one of its packages')
  // A namespace package belongs to several distributions.
  const namespaces = new Set(lines('namespace_packages.txt'))
  const packages = lines('top_level.txt').filter(
    (name) => !namespaces.has(name) && /^[^/\\]+$/.test(name) && !/^\.+$/.test(name),
  )
  const own = packages.flatMap((name) => ['', '.py', '.pyc', '.pyo'].map((end) => path.join(site, `${name}${end}`)))
  return { files: [location, ...own.filter((file) => files.lstat(file) !== undefined)], metadata: location }
}

interface ScriptMetadata {
  /** The names of the scripts that came along. */
  readonly scripts: readonly string[]
  /** entry_points.txt. */
  readonly entryPoints: string | undefined
}

function readMetadata(host: Reader, metadata: string): ScriptMetadata {
  const { files, path } = host
  const egg = path.dirname(metadata)
  if (files.lstat(egg)?.kind === 'file') {
    const entries = readZippedEgg(host, egg) ?? new Map<string, Uint8Array>()
    const text = entries.get('entry_points.txt')
    return {
      scripts: [...entries.keys()].flatMap((name) => /^scripts\/([^/]+)$/.exec(name)?.[1] ?? []),
      entryPoints: text === undefined ? undefined : new TextDecoder().decode(text),
    }
  }
  return {
    scripts: files.names(path.join(metadata, 'scripts')) ?? [],
    entryPoints: files.readText(path.join(metadata, 'entry_points.txt')),
  }
}

/** The scripts that came along, and those made from entry points. */
function scriptNames({ platform }: Reader, { scripts, entryPoints }: ScriptMetadata): readonly string[] {
  const windows = platform === 'win32'
  const brought = scripts.flatMap((name) => (windows ? [name, `${name}.bat`] : [name]))
  const made = entryPoints === undefined ? [] : entryPointNames(entryPoints)
  const plain = made.filter((name) => !/[/\\]|^\.+$/.test(name))
  const ends = windows ? ['', '.exe', '.exe.manifest', '-script.py', '-script.pyw'] : ['']
  return [...brought, ...plain.flatMap((name) => ends.map((end) => `${name}${end}`))]
}

function entryPointNames(text: string): readonly string[] {
  const groups = parseEntryPoints(text)
  return [...groups].filter((entry) => /^(?:console|gui)_scripts$/.test(entry.group)).map(({ name }) => name)
}

/** easy-install.pth without the lines that lead to `place`; undefined when there is none. */
function withoutLine({ files, path }: Reader, list: string, place: string): string | undefined {
  const text = files.readText(list)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const real = files.realPath(place) ?? place
  const kept = lines.filter((line) => {
    const entry = line.trim()
    if (entry === '' || /^import\s/.test(entry)) return true
    const target = path.resolve(path.dirname(list), entry)
    return target !== place && (files.realPath(target) ?? target) !== real
  })
  return kept.length === lines.length ? undefined : kept.join('\n')
}

function filesUnder({ files, path }: Reader, directory: string): readonly string[] {
  return (files.list(directory) ?? []).flatMap(({ name, kind }) => {
    const file = path.join(directory, name)
    return kind === 'directory' ? filesUnder({ files, path } as Reader, file) : [file]
  })
}
