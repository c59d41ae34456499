// Where a seed's wheel comes from, in this order: the base interpreter's own, directories of wheels, what the store remembers of the
// index, the index itself. Nothing is read before it is needed, and nothing is fetched that the store has.

import { DenError, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { wheelsIn } from '../indexes/find-links-directory.ts'
import type { Patience } from '../indexes/index-client.ts'
import { formatPythonVersion } from '../python/interpreter.ts'
import { compareVersions, formatVersion, parseVersion } from '../spec/version.ts'
import { denPipSource } from './den-pip.ts'
import { lastRelease, type SeedName } from './seed-choice.ts'
import { fittingWheel, newestWheel, type SeedSource, sourceOfFile } from './seed-files.ts'
import type { SeedRemote, SeedRemoteOptions } from './seed-remote.ts'

export interface SeedSources {
  /** Finds the wheel for a wish (`embed`, `bundle`, `latest`, a version, or pip's `den`). Throws `no-seed`, `invalid-version`, and net's errors. */
  find(name: SeedName, wish: string): Promise<SeedSource>
  close(): void
}

/** For what there is a good second choice to: nobody waits half a minute for it. */
const brief: Patience = { attempts: 1, idleMilliseconds: 5000 }

/** Places to find seeds in. Settings are read and connections made only when a wish needs them; `close` it. */
export function openSeedSources(context: Context, options: SeedRemoteOptions): SeedSources {
  const { interpreter, store } = options
  const python = interpreter.version
  let opened: Promise<SeedRemote> | undefined
  let remote: SeedRemote | undefined
  const elsewhere = async (): Promise<SeedRemote> => {
    opened ??= import('./seed-remote.ts').then(({ openSeedRemote }) => openSeedRemote(context, options))
    remote = await opened
    return remote
  }

  /** The base's own wheel, as ensurepip would take it: the newest there is. */
  const own = (name: SeedName, exact?: string): SeedSource | undefined => {
    const choice = { name, python, exact: exact === undefined ? undefined : parseVersion(exact) }
    for (const directory of interpreter.wheelDirectories) {
      const files = wheelsIn(context, directory, (filename) => fittingWheel(filename, name, python) !== undefined)
      const file = newestWheel(files, choice)
      if (file !== undefined) return sourceOfFile(context, store, file)
    }
    return undefined
  }

  const none = (project: string, { places }: SeedRemote): DenError =>
    new DenError('no-seed', { project, python: formatPythonVersion(python), tried: places() })

  const exactly = async (name: SeedName, exact: string, patience: Patience = {}): Promise<SeedSource> => {
    const brought = own(name, exact)
    if (brought !== undefined) return brought
    const from = await elsewhere()
    const nearby = (await from.linked(name, exact)) ?? from.remembered(name, exact)
    if (nearby !== undefined) return nearby
    if (from.barred !== undefined) throw none(`${name} ${exact}`, from)
    return await from.asked(name, exact, patience)
  }

  const newest = async (name: SeedName): Promise<SeedSource> => {
    const from = await elsewhere()
    if (from.barred === undefined) return await from.asked(name, undefined)
    const nearby = [await from.linked(name), from.rememberedNewest(name, 'ever'), own(name)]
    const [best] = nearby
      .filter((source) => source !== undefined)
      .sort((a, b) => compareVersions(parseVersion(b.version), parseVersion(a.version)))
    if (best === undefined) throw none(name, from)
    return best
  }

  /** For a base that brings none: any that fits. The index is asked again only after a while. */
  const anywhere = async (name: SeedName): Promise<SeedSource> => {
    const from = await elsewhere()
    const nearby =
      (await from.linked(name)) ?? from.rememberedNewest(name, from.barred === undefined ? 'lately' : 'ever')
    if (nearby !== undefined) return nearby
    if (from.barred !== undefined) throw none(name, from)
    try {
      return await from.asked(name, undefined)
    } catch (error) {
      const before = isDenError(error) && error.code !== 'aborted' ? from.rememberedNewest(name, 'ever') : undefined
      if (before === undefined) throw error
      context.report({
        kind: 'note',
        text: `${name} ${before.version} is put in, from the store: ${(error as Error).message}`,
      })
      return before
    }
  }

  /** The last release for an old Python is worth one try; what the base brings, or some directory has, works too. */
  const lastOr = async (name: SeedName, last: string): Promise<SeedSource> => {
    try {
      return await exactly(name, last, brief)
    } catch (error) {
      if (!isDenError(error) || error.code === 'aborted') throw error
      const fallback = own(name) ?? (await (await elsewhere()).linked(name))
      if (fallback === undefined) throw error
      const why = `${name} ${last}, the last for Python ${python.major}.${python.minor}, is not to be had: ${error.message}`
      context.report({ kind: 'note', text: `${name} ${fallback.version} is put in; ${why}` })
      return fallback
    }
  }

  const find = async (name: SeedName, wish: string): Promise<SeedSource> => {
    if (wish === 'den' && name === 'pip') return denPipSource(store, interpreter)
    if (wish === 'latest') return await newest(name)
    if (wish !== 'bundle' && wish !== 'embed') return await exactly(name, formatVersion(parseVersion(wish)))
    const last = lastRelease(python, name)
    const brought = wish === 'embed' || last === undefined ? own(name) : undefined
    if (brought !== undefined) return brought
    return last === undefined ? await anywhere(name) : await lastOr(name, last)
  }
  return Object.freeze({ find, close: () => remote?.close() })
}
