// What putting a set of distributions into a new generation came to, kept in the store as a list of directories, second names and texts: the
// same distributions have the same list in every environment laid out like this one, but for the first lines of scripts and the hashes of
// those. So a second environment is made by going through the list (instant-set-recorder.ts writes it), and not one manifest is read. What
// the list rests on, the times and sizes that were looked at in the store, is looked at again each time; anything else than what was
// found then, and it is the ordinary way.

import type { DenEvent } from '../base/event.ts'
import { denVersion } from '../base/version.ts'
import { scriptHeader } from '../env/shebang.ts'
import { sha256Base64Url, sha256Hex } from '../host/hash.ts'
import type { Context, Host } from '../host/host.ts'
import { ioCode } from '../host/io-error.ts'
import { keepNewest } from '../host/keep-newest.ts'
import type { Rows, RowsDone } from '../host/place-rows.ts'
import { setsName } from '../store/store.ts'
import type { InstalledTree } from './install.ts'
import type { TreeRequest } from './install-job.ts'
import { linkedTree } from './instant-unfold.ts'
import type { Linker } from './linker.ts'

/** A text that is written into each environment. */
export interface SetText {
  readonly name: string
  readonly mode: number
  /** Whether the line goes before the body by which this environment's Python runs it. */
  readonly script: boolean
  /** In it, between two U+0001, the number of a text: there stand its hash and its size, as RECORD has them. */
  readonly body: string
}

export interface SetTree {
  /** The dist-info directory, below the root. */
  readonly distInfo: string
  readonly rows: number
  readonly scripts: readonly string[]
  /** Below the generation. */
  readonly written: readonly string[]
  /** Of what has code for Python's start, the entries at the top of site-packages. */
  readonly tops: readonly string[]
}

export interface InstantSet extends Omit<Rows, 'names'> {
  readonly trees: readonly SetTree[]
  readonly copies: readonly (readonly [from: string, to: string, executable: boolean])[]
  readonly texts: readonly SetText[]
  readonly events: readonly DenEvent[]
  /** The places of the root that have to be links. */
  readonly places: readonly string[]
}

/** A set with the names that belong to it. */
export interface OpenSet extends InstantSet {
  readonly names: Uint8Array
}

/** One that was kept. */
export interface KeptSet extends OpenSet {
  /** A hash of all of it. */
  readonly seal: string
}

/** Where a set is kept. */
export interface SetPlace {
  readonly file: string
  /** The store's directory of trees. */
  readonly trees: string
}

/** Fewer are put in as fast without. */
const fewest = 8
/** So many are kept: each takes some hundred kilobytes. */
const most = { files: 64 }
const magic = 'den-set '

/** Undefined for what differs from environment to environment, or is no store's. */
export function setPlace(host: Host, requests: readonly TreeRequest[]): SetPlace | undefined {
  const [first] = requests
  if (first === undefined || requests.length < fewest || host.platform !== 'linux') return undefined
  const store = linkedTree(host, first.tree.directory)?.store
  if (store === undefined) return undefined
  const trees = host.path.join(store, 'v1', 'trees')
  const isUsual = ({ tree, installer, directUrl }: TreeRequest): boolean =>
    !tree.private && installer === undefined && directUrl === undefined && tree.directory.startsWith(`${trees}/`)
  if (!requests.every(isUsual)) return undefined
  const { paths, interpreter } = first
  // Where one line won't do, what comes in its stead is wound about what a script begins with.
  if (headerOf(first) !== `#!${paths.python}\n`) return undefined
  const below = (place: string): string => host.path.relative(paths.root, place)
  const facts = [
    denVersion,
    [paths.purelib, paths.platlib, paths.scripts, paths.include, paths.data].map(below),
    [interpreter.platform, interpreter.machine, interpreter.version.major, interpreter.version.minor],
    requests.map(({ tree, requested, relocatable, scriptNames }) => [
      tree.manifest.sha256,
      requested,
      relocatable,
      scriptNames,
    ]),
  ]
  return { file: host.path.join(store, 'v1', setsName, sha256Hex(JSON.stringify(facts)).slice(0, 40)), trees }
}

/** The set; undefined where there is none, or it is damaged. */
export function readSet({ files }: Pick<Host, 'files'>, { file }: Pick<SetPlace, 'file'>): KeptSet | undefined {
  const bytes = files.readBytes(file)
  const start = magic.length + 65
  if (bytes === undefined || bytes.length < start) return undefined
  const text = new TextDecoder()
  const seal = sha256Hex(bytes.subarray(start))
  if (text.decode(bytes.subarray(0, start)) !== `${magic}${seal}\n`) return undefined
  const end = bytes.indexOf(0x0a, start)
  const set = JSON.parse(text.decode(bytes.subarray(start, end))) as InstantSet
  return { ...set, names: bytes.subarray(end + 1), seal }
}

/** Sets that were gone through a moment ago: whoever makes many environments at once reads each once. */
export type SetMemory = Map<string, { readonly whole: KeptSet; readonly rest: KeptSet; readonly lookedAt: number }>

/** What was found in the store is good for so long, in milliseconds; so often other commands look at an environment's trees, too. */
const fresh = 60_000

/** The set; of one that is in the memory and was looked at a moment ago, without what is to be looked at. */
export function recallSet(host: Host, place: SetPlace, memory: SetMemory): KeptSet | undefined {
  const known = memory.get(place.file)
  if (known === undefined) return readSet(host, place)
  return host.now() - known.lookedAt < fresh ? known.rest : known.whole
}

/** Notes that what the set rests on was just found as it was. */
export function noteLooked({ now }: Pick<Host, 'now'>, { file }: SetPlace, set: KeptSet, memory: SetMemory): void {
  if (set.looks > 0) memory.set(file, { whole: set, rest: withoutLooks(set), lookedAt: now() })
}

/** The same without what is to be looked at. */
export function withoutLooks(set: KeptSet): KeptSet {
  let at = 0
  for (let index = 0; index < set.looks; index += 1) at = set.names.indexOf(0, at) + 1
  return { ...set, looks: 0, facts: [], names: set.names.subarray(at) }
}

/** Keeps the set, and of all sets the newest. A store that can't be written forgets; that is no error. */
export function keepSet(host: Host, { file }: SetPlace, { names, ...set }: OpenSet): void {
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(set)}\n`), names])
  keepNewest(host, file, Buffer.concat([Buffer.from(`${magic}${sha256Hex(content)}\n`), content]), most)
}

export interface SetRequest {
  /** The generation that is being made. */
  readonly stage: string
  readonly trees: string
  readonly requests: readonly TreeRequest[]
  readonly copier: Linker
}

/** What going through the list takes, as plain data. */
export interface SetJob {
  readonly stage: string
  readonly trees: string
  /** What a script begins with here. */
  readonly header: string
}

export function setJob({ stage, trees, requests }: SetRequest): SetJob {
  return { stage, trees, header: headerOf(requests[0]!) }
}

/** Goes through the list. `changed`: nothing was made; `stopped`: what was made is of no use. Throws what the disk throws. */
export function placeSet(host: Host, set: OpenSet, job: SetJob, copier: Linker): RowsDone {
  const { stage, trees } = job
  const done = host.disk.placeRows?.(trees, stage, set) ?? placeOneByOne(host, trees, stage, set)
  if (done !== 'done') return done
  return placeOwn(host, set, job, copier) ? 'done' : 'stopped'
}

/** What was put in when the list was gone through; the events say so. */
export function placedTrees(
  { report }: Context,
  set: OpenSet,
  { stage, requests }: SetRequest,
): readonly InstalledTree[] {
  for (const event of set.events) report(event)
  const { root } = requests[0]!.paths
  return set.trees.map(({ distInfo, rows, scripts, written, tops }) => ({
    distInfo: `${root}/${distInfo}`,
    record: () => tops.map((path) => ({ path })),
    rows,
    scripts,
    written: written.map((name) => `${stage}/${name}`),
    replaced: [],
  }))
}

/** What each environment has for itself. False where something stands in its place. */
function placeOwn({ disk, files }: Host, set: OpenSet, { stage, trees, header }: SetJob, copier: Linker): boolean {
  for (const [from, to, executable] of set.copies) {
    if (files.lstat(`${stage}/${to}`) !== undefined) return false
    copier.place(`${trees}/${from}`, `${stage}/${to}`, { executable, fresh: true })
  }
  const told: string[] = []
  for (const { name, mode, script, body } of set.texts) {
    const filled = body.includes('\u0001')
      ? body.replace(/\u0001(\d+)\u0001/g, (_, index) => told[Number(index)]!)
      : body
    const text = script ? `${header}${filled}` : filled
    try {
      disk.writeNew(`${stage}/${name}`, text, mode)
    } catch (error) {
      if (ioCode(error) !== 'EEXIST') throw error
      return false
    }
    told.push(script ? recorded(text) : '')
  }
  return true
}

/** What a script begins with here. */
export function headerOf({ paths, interpreter, relocatable }: TreeRequest): string {
  return scriptHeader({ python: paths.python, platform: interpreter.platform, relocatable: relocatable === true })
}

/** Hash and size of a text, as a row of RECORD tells them. */
export function recorded(text: string): string {
  return `sha256=${sha256Base64Url(text)},${Buffer.byteLength(text)}`
}

/** Where the calls can't be made all at once. */
function placeOneByOne({ files, disk }: Host, trees: string, stage: string, set: OpenSet): RowsDone {
  const names = new TextDecoder().decode(set.names).split('\0')
  let at = 0
  for (let index = 0; index < set.looks; index += 1) {
    const facts = files.lstat(`${trees}/${names[at++]}`)
    const [modified, size] = [set.facts[2 * index]!, set.facts[2 * index + 1]!]
    if (facts?.kind !== (size === -1 ? 'directory' : 'file') || facts.modified !== modified) return 'changed'
    if (size !== -1 && facts.size !== size) return 'changed'
  }
  for (let index = 0; index < set.standing; index += 1)
    if (files.lstat(`${stage}/${names[at++]}`)?.kind !== 'directory') return 'changed'
  try {
    for (let index = 0; index < set.directories; index += 1) disk.makeDirectory(`${stage}/${names[at++]}`)
    for (let index = 0; index < set.links; index += 1)
      disk.hardLink(`${trees}/${names[at++]}`, `${stage}/${names[at++]}`)
  } catch {
    // Whatever it is, the ordinary way meets it too and says so.
    return 'stopped'
  }
  return 'done'
}
