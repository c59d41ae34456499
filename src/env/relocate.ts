// What must be written anew when an environment's path changes, by moving, by copying, or because it has been moved already: the
// first lines of scripts, activation scripts, pyvenv.cfg, links, editable installs inside the environment, kernels, and RECORD's rows
// of what changed. Computed as data; nothing is touched here.

import type { Context } from '../host/host.ts'
import { activationChanges } from './activation-files.ts'
import type { Change } from './change.ts'
import type { Environment } from './environment.ts'
import { currentGeneration, inGeneration } from './generation.ts'
import { replaceRoots } from './mentions.ts'
import { ifReadable } from './quietly.ts'
import { recordChanges } from './record-changes.ts'
import { rewriteScript } from './rewrite-script.ts'
import { isInside } from './size.ts'
import { walkTree } from './walk.ts'

export interface Relocation {
  /** The environment as it can be read now, at `environment.root`. */
  readonly environment: Environment
  /** The paths under which its files may know it: what it was called when they were written. */
  readonly from: readonly string[]
  /** The path they are to know. */
  readonly to: string
}

/** A script or text bigger than this is no generated one. */
const largest = 4 * 1024 * 1024

/** The changes that make the files at `environment.root` right for the path `to`. Throws `permission-denied`. */
export async function planRelocation(context: Context, relocation: Relocation): Promise<readonly Change[]> {
  const { host } = context
  const { environment, to } = relocation
  const { files, path } = host
  const root = environment.root
  const from = [...new Set(relocation.from)]
    .filter((old) => old !== to)
    .sort((left, right) => right.length - left.length)
  const changes: Change[] = []
  const generation = currentGeneration(host, root)
  const scripts = slashed(path.relative(root, environment.paths.scripts))
  const library = slashed(path.relative(root, environment.paths.purelib))

  const write = (relative: string, bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) return
    const mode = files.lstat(path.join(root, relative))?.mode ?? 0o644
    changes.push({ kind: 'write', path: relative, bytes, mode })
  }
  const rewriteText = (relative: string): void => {
    const bytes = files.readBytes(path.join(root, relative))
    if (bytes !== undefined && bytes.length <= largest) write(relative, replaceRoots(bytes, from, to))
  }

  const activation = activationChanges(host, environment, to, from)
  changes.push(...activation)
  const settled = new Set(activation.map((change) => change.path))

  for await (const found of walkTree(host, root, { operation: `reading ${root}`, signal: context.signal })) {
    const inside = /^\.den\/generations\/(\d+)\/(.*)$/s.exec(slashed(found.path))
    // What an older generation says, nobody reads.
    if (inside !== null && Number(inside[1]) !== generation?.number) continue
    const entry = inside === null || found.kind === 'link' ? found : { ...found, path: inside[2]! }
    const place = path.join(root, entry.path)
    if (entry.kind === 'link') {
      const target = files.readLink(place)
      const wanted =
        target === undefined ? undefined : movedTarget(host, { root, relative: entry.path, target, from, to })
      if (wanted !== undefined) changes.push({ kind: 'link', path: entry.path, target: wanted })
      continue
    }
    if (entry.kind !== 'file' || settled.has(entry.path)) continue
    if (parentOf(entry.path) === scripts) {
      const size = files.lstat(place)?.size ?? 0
      if (size <= largest) {
        const bytes = ifReadable(() => files.readBytes(place))
        const options = { from, to, platform: host.platform, path }
        if (bytes !== undefined) write(entry.path, rewriteScript(bytes, options))
      }
    } else if (namesPaths(entry.path, library)) rewriteText(entry.path)
  }
  const cfg = environment.cfg === undefined ? undefined : files.readBytes(path.join(root, 'pyvenv.cfg'))
  if (cfg !== undefined) write('pyvenv.cfg', replaceRoots(cfg, from, to))

  const stale = changes.flatMap((change) =>
    change.kind === 'write' && change.path.endsWith('.py') ? staleBytecode(host, root, change.path) : [],
  )
  const all = [...changes, ...stale, ...recordChanges(host, environment, [...changes, ...stale])]
  return all.map((change) => ({ ...change, path: inGeneration(host, environment.paths, change.path) }))
}

/** The files outside of the scripts directory in which tools write absolute paths of the environment, by their place. */
function namesPaths(relative: string, library: string): boolean {
  const directory = parentOf(relative)
  const name = relative.slice(directory.length === 0 ? 0 : directory.length + 1)
  if (directory === library) return /\.(?:pth|egg-link)$/.test(name) || /^__editable__.*_finder\.py$/.test(name)
  if (parentOf(directory) === library) return name === 'direct_url.json' && directory.endsWith('.dist-info')
  return (
    /^share\/jupyter\/kernels\/[^/]+\/kernel\.json$/.test(relative) ||
    /^(?:lib|lib64|share)\/pkgconfig\/[^/]+\.pc$/.test(relative)
  )
}

/**
 * Where a link must lead after the move; undefined when it is right as it is. Absolute links into the environment follow it; relative
 * ones that lead out of it keep leading to the same place.
 */
function movedTarget(
  host: Pick<Context['host'], 'path'>,
  link: {
    readonly root: string
    readonly relative: string
    readonly target: string
    readonly from: readonly string[]
    readonly to: string
  },
): string | undefined {
  const { path } = host
  const { root, relative, target, from, to } = link
  if (path.isAbsolute(target)) {
    const old = from.find((candidate) => isInside(path, candidate, target))
    return old === undefined ? undefined : path.join(to, path.relative(old, target))
  }
  const leads = path.resolve(path.dirname(path.join(root, relative)), target)
  if (root === to || isInside(path, root, leads)) return undefined
  const wanted = path.relative(path.dirname(path.join(to, relative)), leads)
  return wanted === target ? undefined : wanted
}

/**
 * Compiled forms of a module that is written anew: a .pyc knows its source by seconds and length, which may both be the same.
 * All others stay: Python gives code its file's present name when it loads a .pyc.
 */
function staleBytecode(host: Pick<Context['host'], 'files' | 'path'>, root: string, relative: string): Change[] {
  const { files, path } = host
  const directory = parentOf(relative)
  const stem = relative.slice(directory === '' ? 0 : directory.length + 1, -'.py'.length)
  const join = (...parts: readonly string[]): string => [...(directory === '' ? [] : [directory]), ...parts].join('/')
  const cached = (files.list(path.join(root, directory, '__pycache__')) ?? [])
    .filter(({ name }) => name.startsWith(`${stem}.`) && name.endsWith('.pyc'))
    .map(({ name }): Change => ({ kind: 'remove', path: join('__pycache__', name) }))
  const beside = join(`${stem}.pyc`)
  return files.lstat(path.join(root, beside)) === undefined ? cached : [...cached, { kind: 'remove', path: beside }]
}

function parentOf(relative: string): string {
  const slash = relative.lastIndexOf('/')
  return slash === -1 ? '' : relative.slice(0, slash)
}

function slashed(relative: string): string {
  return relative.replaceAll('\\', '/')
}
