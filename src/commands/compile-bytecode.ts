// When installed modules are compiled: at once where that is asked for, in the background after the first install of a tree that
// environments of links share, and by Python itself, module by module, everywhere else. What is compiled already an environment gets with
// the install, or, where that is much, right after it.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { AppliedPlan } from '../engine/apply.ts'
import type { CompiledFor } from '../engine/compile-bytecode.ts'
import type { LinkedEnvironment } from '../engine/share-bytecode.ts'
import { type Context, variable } from '../host/host.ts'
import { type Lock, tryLock } from '../host/lock.ts'
import { linkedTree } from '../install/instant-unfold.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { openStore, type Tree } from '../store/store.ts'
import type { Core } from './core.ts'

export type CompileWish = 'now' | 'background' | 'never'

export interface Compiling {
  readonly wish: CompileWish
  /** The base interpreter: the environment may be gone before all is compiled. */
  readonly interpreter: Interpreter
  /** Where the modules are. */
  readonly paths: Omit<LinkedEnvironment, 'journal'>
  /** Whether that is an environment, and no directory that packages were put into. */
  readonly isEnvironment: boolean
  readonly trees: readonly Tree[]
  readonly linkMode: AppliedPlan['linkMode']
}

/** DEN_COMPILE_BYTECODE, else what the command says. Throws `invalid-setting`. */
export function compileWish({ host }: Core, said: CompileWish): CompileWish {
  const set = variable(host, 'DEN_COMPILE_BYTECODE')?.trim()
  if (set === undefined || set === '' || said !== 'background') return said
  if (set === 'now' || set === 'background' || set === 'never') return set
  throw new DenError('invalid-setting', {
    setting: 'DEN_COMPILE_BYTECODE',
    value: set,
    reason: 'it is now, background or never',
  })
}

/** Of so many files the bytecode is linked in about ten milliseconds, which is less than another process takes to start. */
const fewFiles = 1500

/** Seconds. */
const patience = 600

/** What is to be done when the install has ended. */
export interface BackgroundWork {
  readonly store: string
  readonly python: string
  readonly version: CompiledFor
  readonly trees: readonly Sha256[]
  /** Gets what is compiled already, and then the rest. */
  readonly environment?: LinkedEnvironment
}

/** Compiles, or has it done. Throws `aborted`; what can't be compiled Python tries again by itself. */
export async function compileAfter(core: Core, compiling: Compiling): Promise<void> {
  const { wish, interpreter, linkMode, isEnvironment, paths } = compiling
  const isLinked = linkMode === 'hardlink'
  // Copies have times of their own, which the bytecode doesn't fit.
  const isShared = linkMode === 'instant' || (isLinked && isEnvironment)
  if (wish === 'never' || (wish === 'background' && !isShared)) return
  const { compileTrees, uncompiled } = await import('../engine/compile-bytecode.ts')
  const shared = compiling.trees.filter((tree) => !tree.private)
  const store = shared.flatMap(({ directory }) => linkedTree(core.host, directory)?.store ?? [])[0]
  // Others call their bytecode by other names than by which it is looked for.
  if (store === undefined || interpreter.implementation !== 'cpython' || interpreter.freeThreaded) return
  const { executable: python, version } = interpreter
  const environment: LinkedEnvironment = { ...paths, journal: core.places.journal }
  const link = async (): Promise<void> => {
    const { shareBytecode } = await import('../engine/share-bytecode.ts')
    await shareBytecode(core, environment, shared, version)
  }
  const trees = uncompiled(core.host, shared, version)
  if (wish === 'now') {
    if (trees.length > 0) await compileTrees(core, { python, version, store, trees })
    if (isLinked) await link()
    return
  }
  // Links to whole trees get what is compiled anyhow: none of their manifests needs to be read to count files.
  const isSmall = !isLinked || shared.reduce((sum, { manifest }) => sum + manifest.fileCount, 0) <= fewFiles
  if (isLinked && isSmall && trees.length < shared.length) await link()
  const [command, ...before] = core.host.self ?? []
  if (command === undefined || (trees.length === 0 && (isSmall || !isLinked))) return
  const work: BackgroundWork = {
    store,
    python,
    version: { major: version.major, minor: version.minor },
    trees: isLinked && !isSmall ? shared.map(({ manifest }) => manifest.sha256) : trees,
    ...(isLinked ? { environment } : {}),
  }
  const { launchInBackground } = await import('../host/background.ts')
  launchInBackground(command, [...before, '__compile', JSON.stringify(work)], { cwd: store, env: core.host.env })
}

/** What the process that was started does: what there is already is linked at once, what is compiled gives way to all else that runs. */
export async function compileInBackground(context: Context, work: BackgroundWork): Promise<void> {
  const { host } = context
  const { environment, store, version } = work
  const { compileTrees, uncompiled } = await import('../engine/compile-bytecode.ts')
  const { shareBytecode } = await import('../engine/share-bytecode.ts')
  const open = openStore(context, store)
  const trees = work.trees.flatMap((key) => open.find(key) ?? [])
  if (environment !== undefined) await shareBytecode(context, environment, trees, version)
  if (uncompiled(host, trees, version).length === 0) return
  const { yieldToOthers } = await import('../host/background.ts')
  yieldToOthers()
  const turn = await waitForTurn(context, store)
  if (turn === undefined) return
  const missing = new Set(uncompiled(host, trees, version))
  try {
    await compileTrees(context, { ...work, trees: [...missing], gently: true })
  } finally {
    turn.release()
  }
  // All at once at the end, so that there is hardly a moment in which somebody who removes the environment comes across it.
  if (environment !== undefined) await shareBytecode(context, environment, trees, version)
}

/** One process compiles and one waits for it; undefined for all others, whose modules Python compiles. */
async function waitForTurn(context: Context, store: string): Promise<Lock | undefined> {
  const { path } = context.host
  const locks = path.join(store, 'v1', 'locks')
  try {
    const next = tryLock(path.join(locks, 'compiler-next'))
    if (next === undefined) return undefined
    try {
      for (let waited = 0; waited < patience; waited += 1) {
        const turn = tryLock(path.join(locks, 'compiler'))
        if (turn !== undefined) return turn
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    } finally {
      next.release()
    }
  } catch (error) {
    // The store can't be written.
    if (!isDenError(error)) throw error
  }
  return undefined
}
