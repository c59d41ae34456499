// Seeds from elsewhere than the base interpreter: directories of wheels, what the store remembers of the index, the index itself.
// Loaded only when a wish needs it: HTTP alone costs the executable more time than a whole environment.

import type { ProjectName, Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { readIndexSettings } from '../config/index-settings.ts'
import type { Context } from '../host/host.ts'
import { type LinkedFile, readFindLinks } from '../indexes/find-links.ts'
import { type IndexClient, openIndexClient, type Patience } from '../indexes/index-client.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { openTransport, type Transport } from '../net/transport.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { tryParseWheelFilename } from '../spec/filename.ts'
import type { IndexFile } from '../spec/simple-index.ts'
import { specifiersContain, tryParseSpecifiers } from '../spec/specifier.ts'
import { formatVersion, parseVersion } from '../spec/version.ts'
import type { Store, Tree, WheelSource } from '../store/store.ts'
import type { SeedName } from './seed-choice.ts'
import { fittingWheel, newestWheel, type SeedSource, sourceOfFile } from './seed-files.ts'

export interface SeedRemoteOptions {
  readonly interpreter: Interpreter
  readonly store: Store
  /** Directories of wheels that go before those of the settings. */
  readonly searchDirectories: readonly string[]
  /** Whether the index may be asked. */
  readonly download: boolean
  readonly offline: boolean
}

export interface SeedRemote {
  /** The version wanted from the first place that has it, or the newest of all places; undefined when none has any. */
  linked(name: SeedName, exact?: string): Promise<SeedSource | undefined>
  /** A release that came from this index before, without asking it. */
  remembered(name: SeedName, exact: string): SeedSource | undefined
  /** What the index last gave as the newest for this Python: within the last two weeks, or at any time. */
  rememberedNewest(name: SeedName, age: 'lately' | 'ever'): SeedSource | undefined
  /** Asks the index: the release wanted, or the newest that says it runs on this Python. Throws `no-release` and net's errors. */
  asked(name: SeedName, exact: string | undefined, patience?: Patience): Promise<SeedSource>
  /** Why the index may not be asked; undefined when it may. */
  readonly barred: string | undefined
  /** The places looked into, for messages. */
  places(): readonly string[]
  close(): void
}

/** For so many milliseconds the index is not asked again what the newest release is, unless the newest is what somebody wants. */
const newestPeriod = 14 * 24 * 60 * 60 * 1000

/** Reads the settings; connects to nothing yet. */
export function openSeedRemote(context: Context, options: SeedRemoteOptions): SeedRemote {
  const { interpreter, store, searchDirectories } = options
  const python = interpreter.version
  const settings = readIndexSettings(context.host)
  const url = settings.index?.value ?? tryParseUrl(publicIndex)!
  const barred = options.offline
    ? 'offline'
    : options.download
      ? settings.noIndex && `${settings.noIndex.from} is set`
      : 'downloads are off'
  let transport: Transport | undefined
  const getTransport = (): Transport => {
    transport ??= openTransport(context, {
      offline: options.offline,
      ...(settings.timeout === undefined ? {} : { idleMilliseconds: settings.timeout.value * 1000 }),
    })
    return transport
  }
  const client = (patience: Patience = {}): IndexClient =>
    openIndexClient(context, { transport: getTransport(), url, patience })
  const identityOf = (filename: string): string => `index\0${url.href}\0${filename}`

  const sourceOfIndexFile = (file: IndexFile, patience: Patience = {}): SeedSource => {
    const sha256 = file.hashes['sha256']?.toLowerCase() as Sha256 | undefined
    const identity = identityOf(file.filename)
    const tree = store.remembered(identity)
    const wheel: WheelSource = {
      filename: file.filename,
      identity,
      ...(sha256 === undefined ? {} : { sha256 }),
      read: () => client(patience).fetchFile(file),
    }
    const version = formatVersion(tryParseWheelFilename(file.filename)!.version)
    // What the index has under this name by now may be something else than what it had.
    const same = tree !== undefined && (sha256 === undefined || tree.manifest.sha256 === sha256)
    return { version, wheel, ...(same ? { tree } : {}) }
  }
  const sourceOf = (file: LinkedFile): SeedSource =>
    file.kind === 'path' ? sourceOfFile(context, store, file) : sourceOfIndexFile(file.file)

  const linked = async (name: SeedName, exact?: string): Promise<SeedSource | undefined> => {
    const choice = { name, python, exact: exact === undefined ? undefined : parseVersion(exact) }
    const filter = (filename: string): boolean => fittingWheel(filename, name, python) !== undefined
    const all: LinkedFile[] = []
    for (const place of [...searchDirectories, ...settings.findLinks.map(({ value }) => value)]) {
      if (/^https?:/i.test(place) && barred !== undefined) continue
      all.push(...(await readFindLinks(context, place, { transport: getTransport, filter })))
      const found = exact === undefined ? undefined : newestWheel(all, choice)
      if (found !== undefined) return sourceOf(found)
    }
    const found = newestWheel(all, choice)
    return found === undefined ? undefined : sourceOf(found)
  }

  /** A tree that came from this index: its wheel is fetched again, by name and hash, only if the tree has to be mended. */
  const sourceOfTree = (name: SeedName, tree: Tree): SeedSource => {
    const { filename, sha256, version } = tree.manifest
    const read = async (): Promise<Uint8Array> => {
      const page = await client().fetchProjectPage(name as string as ProjectName)
      const file = page?.files.find((one) => one.filename === filename)
      if (file !== undefined) return await client().fetchFile(file)
      throw new DenError('no-release', { project: name, index: String(url), reason: `${filename} is gone from it` })
    }
    return { version, wheel: { filename, sha256, identity: identityOf(filename), read }, tree }
  }

  const remembered = (name: SeedName, exact: string): SeedSource | undefined => {
    // The file of a release has one of these names; a listing of the index would be the only other way to know.
    for (const tags of ['py2.py3-none-any', 'py3-none-any', 'py2-none-any']) {
      const filename = `${name}-${exact}-${tags}.whl`
      const fits = fittingWheel(filename, name, python) !== undefined
      const tree = fits ? store.remembered(identityOf(filename)) : undefined
      if (tree !== undefined) return sourceOfTree(name, tree)
    }
    return undefined
  }

  /** What "the newest for this Python" turned out to be: for a while, and for when nobody can be asked. */
  const newestIdentities = (name: SeedName): { readonly lately: string; readonly ever: string } => {
    const ever = `newest\0${url.href}\0${name}\0${python.major}.${python.minor}`
    return { lately: `${ever}\0${Math.floor(context.host.now() / newestPeriod)}`, ever }
  }
  const rememberedNewest = (name: SeedName, age: 'lately' | 'ever'): SeedSource | undefined => {
    const tree = store.remembered(newestIdentities(name)[age])
    return tree === undefined ? undefined : sourceOfTree(name, tree)
  }

  const asked = async (name: SeedName, exact: string | undefined, patience: Patience = {}): Promise<SeedSource> => {
    const page = await client(patience).fetchProjectPage(name as string as ProjectName)
    const pythonVersion = parseVersion(formatPythonVersion(python))
    const runsHere = ({ requiresPython }: IndexFile): boolean => {
      // One that nobody can read rules nothing out, as in pip.
      const specifiers = requiresPython === undefined ? undefined : tryParseSpecifiers(requiresPython)
      return specifiers === undefined || specifiersContain(specifiers, pythonVersion, { prereleases: true })
    }
    const files = (page?.files ?? []).filter(
      (file) => exact !== undefined || (file.yanked === undefined && runsHere(file)),
    )
    const found = newestWheel(files, { name, python, exact: exact === undefined ? undefined : parseVersion(exact) })
    if (found !== undefined) {
      const source = sourceOfIndexFile(found, patience)
      return exact === undefined ? { ...source, alsoKnownAs: Object.values(newestIdentities(name)) } : source
    }
    const wanted = exact === undefined ? 'no wheel' : `no wheel of ${exact}`
    const reason =
      page === undefined ? 'it does not know the project' : `it has ${wanted} for Python ${formatPythonVersion(python)}`
    throw new DenError('no-release', { project: name, index: String(url), reason })
  }

  const places = (): readonly string[] => [
    ...interpreter.wheelDirectories,
    ...searchDirectories,
    ...settings.findLinks.map(({ value, from }) => `${value} (${from})`),
    barred === undefined ? String(url) : `not in the index: ${barred}`,
  ]
  return Object.freeze({ linked, remembered, rememberedNewest, asked, barred, places, close: () => transport?.close() })
}
