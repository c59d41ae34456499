// When installed modules are compiled: at once where that is asked for, in the background after the first install of a tree that
// environments of links share, and by Python itself, module by module, everywhere else.

import { DenError } from '../base/error.ts'
import type { AppliedPlan } from '../engine/apply.ts'
import { variable } from '../host/host.ts'
import { linkedTree } from '../install/instant-unfold.ts'
import type { Tree } from '../store/store.ts'
import type { Core } from './core.ts'

export type CompileWish = 'now' | 'background' | 'never'

export interface Compiling {
  readonly wish: CompileWish
  readonly python: string
  readonly version: { readonly major: number; readonly minor: number }
  /** site-packages. */
  readonly site: string
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

/** Compiles, or has it done. Throws `aborted`; what can't be compiled Python tries again by itself. */
export async function compileAfter(core: Core, compiling: Compiling): Promise<void> {
  const { wish, python, version, site, linkMode } = compiling
  // Elsewhere the bytecode would be of no use before a second install.
  if (wish === 'never' || (wish === 'background' && linkMode !== 'instant')) return
  const { compileTrees, linkBytecode, uncompiled } = await import('../engine/compile-bytecode.ts')
  const shared = compiling.trees.filter((tree) => !tree.private)
  const store = shared.flatMap(({ directory }) => linkedTree(core.host, directory)?.store ?? [])[0]
  if (store === undefined) return
  const trees = uncompiled(core, shared, version)
  if (wish === 'now') {
    if (trees.length > 0) await compileTrees(core, { python, version, store, trees })
    if (linkMode === 'hardlink') for (const tree of shared) linkBytecode(core, tree, site, version)
    return
  }
  const [command, ...before] = core.host.self ?? []
  if (command === undefined || trees.length === 0) return
  const { launchInBackground } = await import('../host/background.ts')
  const words = ['__compile', store, python, `${version.major}.${version.minor}`, ...trees]
  launchInBackground(command, [...before, ...words], { cwd: store, env: core.host.env })
}
