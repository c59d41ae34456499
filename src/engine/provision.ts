// Environments for builds (PEP 517, "Build environment"): made in milliseconds beside the build's own files, and gone with them.

import type { BuildEnvironment } from '../build/build.ts'
import { lockFileOf } from '../env/lock.ts'
import { createBeside } from '../env/make.ts'
import type { EnvironmentPaths } from '../env/plan.ts'
import type { Context } from '../host/host.ts'
import type { Interpreter } from '../python/interpreter.ts'

export interface ProvisionOptions {
  readonly interpreter: Interpreter
  /** The journal's directory. */
  readonly journal: string
  /** The build's own directory. */
  readonly work: string
  /** Puts what these ask for into the environment; what is there already stays. */
  readonly install: (
    environment: { readonly root: string; readonly paths: EnvironmentPaths },
    requirements: readonly string[],
  ) => Promise<void>
}

/** Makes an environment below `work` with the requirements in it. Throws what creating and `install` throw. */
export async function provisionEnvironment(
  context: Context,
  requirements: readonly string[],
  options: ProvisionOptions,
): Promise<BuildEnvironment> {
  const { host } = context
  const root = host.path.join(options.work, 'env')
  const made = await createBeside(context, {
    root,
    interpreter: options.interpreter,
    settings: {},
    ignoreFiles: false,
    shells: [],
    journal: options.journal,
  })
  const { paths } = made.plan
  const wanted: string[] = []
  const install = async (more: readonly string[]): Promise<void> => {
    const fresh = more.filter((one) => !wanted.includes(one))
    if (fresh.length === 0) return
    wanted.push(...fresh)
    // All of them each time: what comes later may not undo what came before.
    await options.install({ root, paths }, wanted)
  }
  await install(requirements)
  return {
    python: paths.python,
    root,
    scripts: paths.scripts,
    extend: install,
    dispose: () => {
      if (host.files.lstat(root) !== undefined) host.disk.removeTree(root)
      const lock = lockFileOf(context, options.journal, root)
      if (host.files.lstat(lock) !== undefined) host.disk.removeFile(lock)
    },
  }
}
