// Windows. From 3.7.2 CPython brings a redirector, a small executable that reads `home` from pyvenv.cfg and starts the base's Python;
// den copies that one. Before, and for embeddable builds, the executable itself is copied with its libraries. Nothing is linked: links
// need a privilege, and a Store Python's files cannot be linked to at all. Written from venv's and uv's rules, not run here.

import { DenError } from '../../base/error.ts'
import type { PlanEntry } from '../plan.ts'
import type { LayoutHost, LayoutRequest } from './layout.ts'
import { siteText } from './python27.ts'

export function windowsLayout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { version } = request.interpreter
  const { minor, micro } = version
  if (minor < 7 || (minor === 7 && micro < 2)) return copiedEntries(host, request)
  return redirectorEntries(host, request)
}

function directories(): PlanEntry[] {
  return ['Scripts', 'Lib', 'Lib/site-packages', 'Include'].map((path) => ({ kind: 'directory', path }))
}

/** python.exe and pythonw.exe, with the names that a debug or free-threaded build adds. */
function names({ interpreter }: LayoutRequest, stem: 'python' | 'pythonw'): readonly string[] {
  const { debug, freeThreaded, version } = interpreter
  const d = debug ? '_d' : ''
  const t = freeThreaded ? `${version.major}.${version.minor}t` : ''
  return [...new Set([stem, `${stem}${d}`, `${stem}${t}`, `${stem}${t}${d}`])].map((name) => `${name}.exe`)
}

/** The redirector under each name. Throws `interpreter-incomplete` when the base has none and is no embeddable build either. */
export function redirectorEntries(host: LayoutHost, request: LayoutRequest): PlanEntry[] {
  const { files, path } = host
  const { interpreter, base } = request
  const { debug, freeThreaded, prefix } = interpreter
  const d = debug ? '_d' : ''
  const t = freeThreaded ? 't' : ''
  const nt = path.join(prefix, 'Lib', 'venv', 'scripts', 'nt')
  const beside = path.dirname(base.executable)
  // 3.13 gave the files names of their own; conda keeps them beside the executable.
  const sources = (w: 'w' | ''): readonly string[] => {
    const launcher = `venv${w}launcher${t}${d}.exe`
    const plain = `python${w}${d}.exe`
    return interpreter.version.minor >= 13
      ? [path.join(nt, launcher), path.join(nt, plain), path.join(beside, launcher)]
      : [path.join(nt, plain), path.join(nt, launcher), path.join(beside, launcher)]
  }
  const present = (candidates: readonly string[]): string | undefined =>
    candidates.find((candidate) => files.stat(candidate) !== undefined)
  const python = present(sources(''))
  if (python === undefined) {
    if (isEmbeddable(host, beside)) return copiedEntries(host, request)
    throw new DenError('interpreter-incomplete', {
      python: base.executable,
      missing: sources('')[0]!,
      purpose:
        'environments on Windows start the base interpreter through this file, which comes with its `venv` module',
    })
  }
  const windowed = present(sources('w'))
  return [
    ...directories(),
    ...names(request, 'python').map((name): PlanEntry => ({ kind: 'copy', path: `Scripts/${name}`, from: python })),
    ...(windowed === undefined
      ? []
      : names(request, 'pythonw').map(
          (name): PlanEntry => ({ kind: 'copy', path: `Scripts/${name}`, from: windowed }),
        )),
  ]
}

/** An embeddable build has its library in a zip and a ._pth beside the executable. */
function isEmbeddable({ files }: LayoutHost, directory: string): boolean {
  const found = files.list(directory) ?? []
  return (
    found.some(({ name }) => /^python\d+\.zip$/i.test(name)) &&
    found.some(({ name }) => /^python\d*\._pth$/i.test(name))
  )
}

/** The executables with what they load from beside themselves; pywin32's libraries are a package's and stay. */
function copiedEntries({ files, path }: LayoutHost, request: LayoutRequest): PlanEntry[] {
  const directory = path.dirname(request.base.executable)
  const entries: PlanEntry[] = []
  for (const { name } of files.list(directory) ?? []) {
    const from = path.join(directory, name)
    const library = /\.(?:dll|pyd)$/i.test(name) && !/^(?:pywintypes|pythoncom)/i.test(name)
    if (library || /^python\d+\.zip$/i.test(name) || /^pythonw?(?:_d)?\.exe$/i.test(name)) {
      entries.push({ kind: 'copy', path: `Scripts/${name}`, from })
    }
  }
  return [...directories(), ...entries]
}

/** 2.7: copies throughout. Lib\os.py is what tells Python its prefix; libs\ is what extensions are linked with. */
export function windows27Layout(host: LayoutHost, request: LayoutRequest): readonly PlanEntry[] {
  const { files, path } = host
  const { interpreter } = request
  const under = (directory: string, to: string): PlanEntry[] =>
    (files.list(directory) ?? [])
      .filter(({ kind }) => kind === 'file')
      .map(({ name }) => ({ kind: 'copy', path: `${to}/${name}`, from: path.join(directory, name) }))
  return [
    ...copiedEntries(host, request),
    { kind: 'copy', path: 'Lib/os.py', from: path.join(interpreter.stdlib, 'os.py') },
    { kind: 'file', path: 'Lib/site.py', text: siteText() },
    { kind: 'directory', path: 'DLLs' },
    { kind: 'directory', path: 'libs' },
    ...under(path.join(interpreter.prefix, 'libs'), 'libs'),
    ...under(interpreter.include, 'Include'),
  ]
}
