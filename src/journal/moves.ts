// Which renames turn a directory tree into another one: what goes is moved aside, what comes is moved in from where it was prepared, each
// at the highest place where one rename does it. Computing them changes nothing; a move can be made, repeated and taken back.

import { DenError, isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'

/** One rename. Paths are relative, with the platform's separator: `out` from the root to aside, `in` from the stage to the root. */
export type Move =
  /** With the inode number, which tells what was to go from what somebody has put there since. */
  | readonly ['out', place: string, inode: number]
  | readonly ['in', place: string]
  /** A staged directory that the root reaches through a link. */
  | readonly ['in', place: string, staged: string]
  /** Where directories can't be renamed: one of the root comes, empty, or goes when it is. */
  | readonly ['make', place: string, mode: number]
  | readonly ['drop', place: string, mode: number]

export interface MovePlan {
  /** In the order in which they are made: what comes in the place of something comes right after it has gone. */
  readonly moves: readonly Move[]
  /** Files that stand where one comes and were not to go; absolute. They give way, too. */
  readonly displaced: readonly string[]
}

export interface MovesRequest {
  /** The directory that changes. */
  readonly root: string
  /** Absolute paths of files and links that go. */
  readonly remove: Iterable<string>
  /** The tree that is merged into the root. */
  readonly stage?: string
  /** Directories that stay when nothing is left in them; absolute. */
  readonly keep?: Iterable<string>
}

interface Node {
  readonly children: Map<string, Node>
  goes: boolean
}

/** Computes the moves. Throws `install-blocked` where a directory comes and a file stays, or the other way round. */
export function planMoves(host: Pick<Host, 'files' | 'path'>, request: MovesRequest): MovePlan {
  const { files, path } = host
  const root = files.realPath(request.root) ?? request.root
  const locate = locator(host, root)
  const top: Node = { children: new Map(), goes: false }
  for (const file of request.remove) {
    const place = locate(file)
    if (place === undefined) throw new DenError('install-blocked', { path: file, by: 'a link that leads elsewhere' })
    let node = top
    for (const segment of place.split(path.sep)) {
      let next = node.children.get(segment)
      if (next === undefined) {
        next = { children: new Map(), goes: false }
        node.children.set(segment, next)
      }
      node = next
    }
    node.goes = true
  }
  const keep = new Set<string>([''])
  for (const directory of request.keep ?? []) keep.add(files.realPath(directory)?.slice(root.length + 1) ?? '')

  const below = (parent: string, name: string): string => (parent === '' ? name : `${parent}${path.sep}${name}`)
  /** Whether all of it goes; otherwise `out` gets what does. */
  const leaving = (place: string, node: Node, out: string[]): boolean => {
    const own: string[] = []
    let whole = true
    for (const { name, kind } of files.list(place === '' ? root : `${root}${path.sep}${place}`) ?? []) {
      const child = node.children.get(name)
      const at = below(place, name)
      if (child === undefined) whole = false
      else if (kind === 'directory' ? leaving(at, child, own) : child.goes) own.push(at)
      else whole = false
    }
    if (whole && !keep.has(place)) return true
    out.push(...own)
    return false
  }
  const outs: string[] = []
  leaving('', top, outs)
  const gone = new Set(outs)

  const ins = new Map<string, Move>()
  const displaced: string[] = []
  const { stage } = request
  const coming = (place: string, staged: string): void => {
    for (const { name, kind } of files.list(staged === '' ? stage! : `${stage}${path.sep}${staged}`) ?? []) {
      const [to, from] = [below(place, name), below(staged, name)]
      const full = `${root}${path.sep}${to}`
      const move: Move = to === from ? ['in', to] : ['in', to, from]
      const there = gone.has(to) ? undefined : files.lstat(full)
      if (there === undefined) {
        ins.set(to, move)
      } else if (kind === 'directory') {
        const real = there.kind === 'directory' ? to : there.kind === 'link' ? locate(`${full}${path.sep}.`) : undefined
        if (real === undefined || files.stat(full)?.kind !== 'directory')
          throw new DenError('install-blocked', {
            path: full,
            by: there.kind === 'link' ? 'a link that leads elsewhere' : 'a file',
          })
        coming(real, from)
      } else {
        if (there.kind === 'directory')
          throw new DenError('install-blocked', { path: full, by: 'a directory with other files' })
        displaced.push(path.join(request.root, to))
        gone.add(to)
        outs.push(to)
        ins.set(to, move)
      }
    }
  }
  if (stage !== undefined) coming('', '')

  const moves: Move[] = []
  for (const place of outs) {
    moves.push(['out', place, files.lstat(`${root}${path.sep}${place}`)?.inode ?? 0])
    const move = ins.get(place)
    if (move !== undefined) moves.push(move)
    ins.delete(place)
  }
  moves.push(...ins.values())
  return { moves, displaced }
}

/** Where a path lies under the real root, links in its directories followed (its last part is not); undefined outside. */
function locator({ files, path }: Pick<Host, 'files' | 'path'>, root: string): (file: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  const inside = root.endsWith(path.sep) ? root : `${root}${path.sep}`
  return (file) => {
    const at = file.lastIndexOf(path.sep)
    const parent = file.slice(0, at)
    if (!known.has(parent)) known.set(parent, files.realPath(parent) ?? parent)
    const real = known.get(parent)!
    if (real !== root && !real.startsWith(inside)) return undefined
    const name = file.slice(at + 1)
    const directory = real === root ? '' : real.slice(inside.length)
    if (name === '.') return directory
    return directory === '' ? name : `${directory}${path.sep}${name}`
  }
}

/** These keep a directory from being renamed (another file system, overlayfs' lower layer, a busy one, one that stands already). */
const notAtOnce = /^(?:EXDEV|EBUSY|ENOTEMPTY|EEXIST|EINVAL|EPERM|EACCES)$/

export interface MovePlaces {
  readonly root: string
  readonly stage: string
  readonly aside: string
}

type Machine = Pick<Host, 'files' | 'disk' | 'path'>

/**
 * Makes every move, and adds to `made` those that it began. Each is one step, and where things stand tells whether it was made: a list
 * that a kill interrupted can be made again. Where a directory can't be renamed, all that is left to do is done file by file, and
 * `rewrite` is called before with the longer list. Returns what is left to be dropped once the rest is safe: making a directory again
 * may need room that a full disk doesn't have.
 */
export function makeMoves(
  host: Machine,
  places: MovePlaces,
  moves: readonly Move[],
  rewrite: (moves: readonly Move[]) => void,
  made: Move[] = [],
): readonly Move[] {
  let { rest, late } = apart(moves)
  while (rest.length > 0) {
    const arrivals = arrivalsOf([...made, ...rest])
    let at = 0
    try {
      for (const move of rest) {
        // A directory that stands already is not to go when the moves are taken back.
        if (!isMade(host, places, move)) {
          made.push(move)
          makeMove(host, places, move, arrivals)
        }
        at += 1
      }
      return late
    } catch (error) {
      const [from] = endsOf(host, places, rest[at]!)
      const isDirectory = host.files.lstat(from)?.kind === 'directory' && /^(?:in|out)$/.test(rest[at]![0])
      if (!isDirectory || !notAtOnce.test(ioCode(error) ?? '')) throw error
    }
    made.pop()
    const longer = apart([...rest.slice(at).flatMap((move) => piecewise(host, places, move)), ...late])
    rest = longer.rest
    late = longer.late
    rewrite([...made, ...rest, ...late])
  }
  return late
}

function isMade({ files, path }: Machine, { root }: MovePlaces, [kind, place]: Move): boolean {
  return kind === 'make' && files.lstat(path.join(root, place))?.kind === 'directory'
}

/** The drops that nothing waits for. */
function apart(moves: readonly Move[]): { readonly rest: readonly Move[]; readonly late: readonly Move[] } {
  const arrivals = arrivalsOf(moves)
  const isLate = (move: Move): boolean => move[0] === 'drop' && !arrivals.has(move[1])
  return { rest: moves.filter((move) => !isLate(move)), late: moves.filter(isLate) }
}

/** What comes, by its place, and where it is staged. */
function arrivalsOf(moves: readonly Move[]): ReadonlyMap<string, string> {
  return new Map(moves.flatMap((move) => (move[0] === 'in' ? [[move[1], move[2] ?? move[1]] as const] : [])))
}

function makeMove(host: Machine, places: MovePlaces, move: Move, arrivals: ReadonlyMap<string, string>): void {
  const { files, path } = host
  const [from, to] = endsOf(host, places, move)
  switch (move[0]) {
    case 'make':
      makeDirectory(host, from, move[2])
      return
    case 'drop':
      dropDirectory(host, from)
      return
    case 'in':
      relocate(host, from, to)
      return
    case 'out': {
      // What came has come when it isn't staged any more; and then what it came in place of has gone.
      const staged = arrivals.get(move[1])
      if (staged !== undefined && files.lstat(path.join(places.stage, staged)) === undefined) return
      // What stands there beside the one that has gone is somebody else's, unless it is the half that a copy left.
      if (files.lstat(to) !== undefined && files.lstat(from)?.inode !== move[2]) return
      relocate(host, from, to)
    }
  }
}

/** The same move, file by file. */
function piecewise(host: Machine, places: MovePlaces, move: Move): readonly Move[] {
  const { files, path } = host
  if (move[0] !== 'in' && move[0] !== 'out') return [move]
  const [from] = endsOf(host, places, move)
  const facts = files.lstat(from)
  if (facts?.kind !== 'directory') return [move]
  const entries = files.list(from) ?? []
  const below = entries.flatMap(({ name }) => {
    const place = path.join(move[1], name)
    const entry: Move =
      move[0] === 'out'
        ? ['out', place, files.lstat(path.join(from, name))?.inode ?? 0]
        : ['in', place, path.join(move[2] ?? move[1], name)]
    return piecewise(host, places, entry)
  })
  return move[0] === 'out' ? [...below, ['drop', move[1], facts.mode]] : [['make', move[1], facts.mode], ...below]
}

/** Removes the directories that were left empty. Throws what the disk throws; one that isn't empty stays. */
export function dropEmptied(host: Machine, places: MovePlaces, late: readonly Move[]): void {
  for (const move of late) dropDirectory(host, endsOf(host, places, move)[0])
}

/** Takes the moves back, the last one first. What goes wrong is returned: then the disk keeps things where they are. */
export function unmakeMoves(host: Machine, places: MovePlaces, moves: readonly Move[]): DenError | undefined {
  let problem: DenError | undefined
  for (const move of moves.toReversed()) {
    const [from, to] = endsOf(host, places, move)
    try {
      if (move[0] === 'make') dropDirectory(host, from)
      else if (move[0] === 'drop') makeDirectory(host, from, move[2])
      else relocate(host, to, from)
    } catch (error) {
      if (!isDenError(error)) throw error
      problem ??= error
    }
  }
  return problem
}

export function endsOf(
  { path }: Pick<Host, 'path'>,
  { root, stage, aside }: MovePlaces,
  move: Move,
): readonly [from: string, to: string] {
  const place = path.join(root, move[1])
  if (move[0] === 'out') return [place, path.join(aside, move[1])]
  if (move[0] === 'in') return [path.join(stage, move[2] ?? move[1]), place]
  return [place, place]
}

/** Moves a file, a link or a directory. Nothing at `from` is no error. */
function relocate(host: Machine, from: string, to: string): void {
  const { files, disk, path } = host
  try {
    disk.rename(from, to)
  } catch (error) {
    const facts = files.lstat(from)
    const code = ioCode(error)
    if (code === 'ENOENT' && facts === undefined) return
    if (facts === undefined || facts.kind === 'directory') throw error
    if (code === 'ENOENT') {
      disk.makeDirectories(path.dirname(to))
      disk.rename(from, to)
    } else if (code === 'EXDEV') carryOver(host, from, to)
    else throw error
  }
}

function makeDirectory({ disk, files }: Machine, directory: string, mode: number): void {
  try {
    disk.makeDirectory(directory)
  } catch (error) {
    if (ioCode(error) !== 'EEXIST') throw error
    return
  }
  if (files.lstat(directory)?.mode !== mode) disk.chmod(directory, mode)
}

/** One that is not empty any more stays: others have put something into it. */
function dropDirectory({ disk }: Machine, directory: string): void {
  try {
    disk.removeDirectory(directory)
  } catch (error) {
    if (!/^(?:ENOENT|ENOTEMPTY|EEXIST|EBUSY)$/.test(ioCode(error) ?? '')) throw error
  }
}

/** To another file system: the copy appears whole, and then the original goes. */
function carryOver({ files, disk }: Machine, from: string, to: string): void {
  const target = files.readLink(from)
  const temporary = `${to}.den-moving`
  if (files.lstat(temporary) !== undefined) disk.removeFile(temporary)
  if (target === undefined) disk.copyFile(from, temporary)
  else disk.symlink(target, temporary)
  disk.rename(temporary, to)
  disk.removeFile(from)
}
