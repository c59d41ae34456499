// From a source distribution or a source tree to metadata or a wheel: what was built before is taken from the cache, what can be told
// without running code was asked for before (indexes/), and what is left is built in an environment made for it.

import type { ProjectName, Sha256 } from '../base/brand.ts'
import { DenError, diagnose, isDenError } from '../base/error.ts'
import type { BuildEnvironment, BuildRequest, BuiltWheel, OpenBuild } from '../build/build.ts'
import { type BuildInputs, openBuildCache } from '../build/cache.ts'
import { sha256Hex } from '../host/hash.ts'
import { type Context, variable } from '../host/host.ts'
import { workPlace } from '../host/work-place.ts'
import type { WheelFilename } from '../spec/filename.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'

/** Something to build: an archive that has been fetched and verified, or a directory. */
export interface BuildableSource {
  /** How messages name it. */
  readonly label: string
  readonly place:
    | { readonly kind: 'archive'; readonly path: string; readonly filename: string; readonly sha256: Sha256 }
    | { readonly kind: 'directory'; readonly path: string }
  readonly subdirectory?: string
  readonly editable?: boolean
  /** What names the content for good, "git+…@commit"; an archive's hash stands for itself. Without one nothing is cached. */
  readonly identity?: string
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** The project it is expected to be. */
  readonly name?: ProjectName
}

/** A wheel that den made, and where it lies until the builder is closed, or for as long as the cache keeps it. */
export interface MadeWheel {
  readonly path: string
  readonly parsed: WheelFilename
  readonly sha256: Sha256
}

export interface Builder {
  /** Throws `build-failed` and its kin, `invalid-metadata`, and what unpacking throws. */
  metadata(source: BuildableSource): Promise<Metadata>
  /** The metadata of an archive where it is remembered; the archive need not be there. */
  knownMetadata(source: BuildableSource): Metadata | undefined
  wheel(source: BuildableSource): Promise<MadeWheel>
  /** Removes what was unpacked and built. */
  close(): void
}

export interface BuilderOptions {
  /** DEN_CACHE_DIR. */
  readonly cache: string
  /** What wheels of this Python are called: the best tag of the target. */
  readonly python: string
  /** Whether results may be kept for the next time. */
  readonly keep: boolean
  /** Makes an environment with these in it; `chain` names what is being built, from the first on. */
  readonly provision: (
    requirements: readonly string[],
    build: { readonly work: string; readonly chain: readonly string[]; readonly label: string },
  ) => Promise<BuildEnvironment>
  /** The builds that this one is for: what needs itself to be built is found by it. */
  readonly chain?: readonly string[]
  readonly constraints?: readonly string[]
  /** Whether something may be built at all; a reason why not. */
  readonly forbidden?: (source: BuildableSource) => string | undefined
  /** What was made stays where it was made (`--no-clean`). */
  readonly keepWork?: boolean
}

interface Unpacked {
  readonly directory: string
}

export function openBuilder(context: Context, options: BuilderOptions): Builder {
  const { host } = context
  const { path, disk, files } = host
  const cache = openBuildCache(context, options.cache)
  const work = workPlace(host, path.join(options.cache, 'builds'))
  const unpacked = new Map<string, Promise<Unpacked>>()
  const metadataRuns = new Map<string, Promise<Metadata>>()
  const wheelRuns = new Map<string, Promise<MadeWheel>>()
  const builds = new Map<string, Promise<OpenBuild>>()
  let count = 0

  const freshDirectory = (name: string): string => {
    count += 1
    const directory = path.join(work, `${name}-${count}`)
    disk.makeDirectories(directory)
    return directory
  }

  const keyOf = (source: BuildableSource): string =>
    JSON.stringify([source.place, source.subdirectory ?? '', source.editable === true, source.configSettings ?? {}])

  const inputsOf = (source: BuildableSource): BuildInputs | undefined => {
    const identity = source.place.kind === 'archive' ? source.place.sha256 : source.identity
    if (identity === undefined || !options.keep) return undefined
    return {
      source: identity,
      ...(source.subdirectory === undefined ? {} : { subdirectory: source.subdirectory }),
      kind: source.editable === true ? 'editable' : 'wheel',
      python: options.python,
      ...(source.configSettings === undefined ? {} : { configSettings: source.configSettings }),
      ...(options.constraints === undefined ? {} : { constraints: options.constraints }),
    }
  }

  const treeOf = async (source: BuildableSource): Promise<string> => {
    const { place } = source
    let top: string
    if (place.kind === 'directory') top = place.path
    else {
      const key = place.path
      if (!unpacked.has(key)) unpacked.set(key, unpack(place))
      top = (await unpacked.get(key)!).directory
    }
    if (source.subdirectory === undefined) return top
    const below = path.resolve(top, source.subdirectory)
    const real = files.realPath(below)
    const realTop = files.realPath(top) ?? top
    if (real === undefined || (real !== realTop && !real.startsWith(realTop + path.sep)))
      throw new DenError('build-invalid', {
        distribution: source.label,
        reason: `its subdirectory ${JSON.stringify(source.subdirectory)} is not in it`,
      })
    return below
  }

  const unpack = async (place: { readonly path: string; readonly filename: string }): Promise<Unpacked> => {
    const { unpackSdist } = await import('../store/sdist.ts')
    const bytes = files.readBytes(place.path)
    if (bytes === undefined) throw new DenError('io-failed', { operation: 'read', path: place.path, errno: 'ENOENT' })
    const directory = path.join(freshDirectory('source'), 'tree')
    const result = await unpackSdist(context, { bytes, filename: place.filename, directory })
    return { directory: result.directory }
  }

  const requestFor = async (source: BuildableSource): Promise<BuildRequest> => {
    const chain = options.chain ?? []
    const label = source.label
    if (chain.includes(label)) {
      const reason = `it needs itself to be built: ${[...chain, label].join(' → ')}`
      throw new DenError('build-invalid', { distribution: label, reason })
    }
    const forbidden = options.forbidden?.(source)
    if (forbidden !== undefined) throw new DenError('build-forbidden', { distribution: label, reason: forbidden })
    const directory = await treeOf(source)
    const place = freshDirectory('build')
    return {
      directory,
      label,
      work: place,
      provision: (requirements) => options.provision(requirements, { work: place, chain: [...chain, label], label }),
      allowNetwork: variable(host, 'DEN_BUILD_NETWORK') === '1',
      ...(source.configSettings === undefined ? {} : { configSettings: source.configSettings }),
      ...secondsOf(variable(host, 'DEN_BUILD_TIMEOUT')),
    }
  }

  /** One build a source and run: whoever asked for metadata may want the wheel next. */
  const buildFor = (source: BuildableSource): Promise<OpenBuild> =>
    once(builds, keyOf(source), async () => {
      const { openBuild } = await import('../build/build.ts')
      return await openBuild(context, await requestFor(source), source.editable === true ? 'editable' : 'wheel')
    })

  const buildOf = async (source: BuildableSource): Promise<MadeWheel> => {
    const inputs = inputsOf(source)
    const known = inputs === undefined ? undefined : cache.soundWheel(inputs)
    if (known !== undefined) return known
    const build = await buildFor(source)
    const built = await build.wheel()
    // What is built is built; its environment is of no more use.
    build.close()
    checkName(source, built)
    await checkWheel(context, source, built)
    if (inputs !== undefined) return cache.putWheel(inputs, built.path)
    return {
      path: built.path,
      parsed: built.parsed,
      sha256: sha256Hex(files.readBytes(built.path) ?? new Uint8Array()),
    }
  }

  const wheel = (source: BuildableSource): Promise<MadeWheel> => once(wheelRuns, keyOf(source), () => buildOf(source))

  const knownMetadata = (source: BuildableSource): Metadata | undefined => {
    const inputs = inputsOf(source)
    const text = inputs === undefined ? undefined : cache.metadata(inputs)
    return text === undefined ? undefined : parseMetadata(text, { file: source.label })
  }

  const metadataOf = async (source: BuildableSource): Promise<Metadata> => {
    const inputs = inputsOf(source)
    const known = knownMetadata(source)
    if (known !== undefined) return known
    if (inputs === undefined || cache.wheel(inputs) === undefined) {
      const { staticMetadata } = await import('./static-metadata.ts')
      const told = staticMetadata(context, await treeOf(source))
      if (told !== undefined) {
        if (inputs !== undefined) cache.putMetadata(inputs, told.text)
        return told.metadata
      }
      const text = await (await buildFor(source)).metadata()
      if (text !== undefined) {
        const metadata = parseMetadata(text, { file: source.label })
        if (inputs !== undefined) cache.putMetadata(inputs, text)
        return metadata
      }
    }
    // The backend can't tell without building; the wheel is wanted anyway.
    const made = await wheel(source)
    const { fileSource, readWheelMetadata } = await import('../indexes/wheel-metadata.ts')
    const text = readWheelMetadata(fileSource(context, made.path), made.parsed)
    if (inputs !== undefined) cache.putMetadata(inputs, text)
    return parseMetadata(text, { file: made.path })
  }

  return Object.freeze({
    wheel,
    knownMetadata,
    metadata: (source: BuildableSource) => once(metadataRuns, keyOf(source), () => metadataOf(source)),
    close: () => {
      if (options.keepWork !== true && files.lstat(work) !== undefined) disk.removeTree(work)
    },
  })
}

function once<Value>(runs: Map<string, Promise<Value>>, key: string, run: () => Promise<Value>): Promise<Value> {
  const running = runs.get(key) ?? run()
  runs.set(key, running)
  return running
}

function checkName(source: BuildableSource, built: BuiltWheel): void {
  if (source.name === undefined || source.name === built.parsed.name) return
  const reason = `its backend made ${built.parsed.filename}, a wheel of another project`
  throw new DenError('build-invalid', { distribution: source.label, reason })
}

/** What the store would refuse is not kept: a newer backend may do better, and it is the backend's fault and no file's. */
async function checkWheel(context: Context, { label }: BuildableSource, { path, parsed }: BuiltWheel): Promise<void> {
  const [{ verifyWheel }, { fileSource }] = await Promise.all([
    import('../store/verify-wheel.ts'),
    import('../indexes/wheel-metadata.ts'),
  ])
  try {
    await verifyWheel(context, { source: fileSource(context, path), filename: parsed.filename })
  } catch (error) {
    if (!isDenError(error, 'invalid-archive', 'invalid-wheel', 'invalid-record', 'invalid-metadata')) throw error
    const { what, why } = diagnose(error)
    const reason = `its backend made ${parsed.filename}, which is refused: ${why ?? what}`
    throw new DenError('build-invalid', { distribution: label, reason }, { cause: error })
  }
}

function secondsOf(text: string | undefined): { readonly seconds?: number } {
  return text !== undefined && /^\d+$/.test(text) && Number(text) > 0 ? { seconds: Number(text) } : {}
}
