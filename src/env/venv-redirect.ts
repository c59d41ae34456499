// Writing a `.venv` file that leads to an environment elsewhere (PEP 832), so that editors and den itself find it from the project.

import { DenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { formatVenvRedirect, parseVenvRedirect } from '../spec/venv-redirect.ts'

export interface RedirectOptions {
  /** The project's directory. */
  readonly directory: string
  /** The environment's root. */
  readonly root: string
  /**
   * `always`: the file is written, over another redirect too. `project`: only in a directory with a pyproject.toml and without any
   * `.venv`, which is what virtualenv does unasked.
   */
  readonly when: 'always' | 'project'
}

/** The file to be written; undefined when none is. Throws `venv-redirect-blocked` where something else than a redirect stands there. */
export function planRedirect({ host }: Pick<Context, 'host'>, options: RedirectOptions): string | undefined {
  const { path, files } = host
  const file = path.join(options.directory, '.venv')
  if (file === options.root) return undefined
  const facts = files.lstat(file)
  if (options.when === 'project') {
    const isProject = facts === undefined && files.stat(path.join(options.directory, 'pyproject.toml'))?.kind === 'file'
    return isProject ? file : undefined
  }
  if (facts === undefined) return file
  const by = facts.kind === 'directory' ? 'a directory' : facts.kind === 'link' ? 'a link' : 'no redirect file'
  const redirect =
    facts.kind === 'file' && facts.size <= 32_768 && parseVenvRedirect(files.readText(file) ?? '') !== undefined
  if (!redirect) throw new DenError('venv-redirect-blocked', { path: file, by })
  return file
}

/** Writes the file: the environment's name where it stands beside, else its whole path. */
export function writeRedirect({ host }: Pick<Context, 'host'>, file: string, root: string): void {
  const { path, disk } = host
  const beside = path.dirname(root) === path.dirname(file)
  disk.writeAtomic(file, formatVenvRedirect(beside ? path.basename(root) : root))
}
