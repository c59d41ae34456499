// Which kinds of files of a project will do: what is said of it by name counts before what is said of all.

import type { BuildableSource } from './builder.ts'
import type { FormatControl } from './resolve-request.ts'

export function formatsFor(
  { noBinary, onlyBinary }: Pick<FormatControl, 'noBinary' | 'onlyBinary'>,
  name: string,
): { readonly binary: boolean; readonly source: boolean } {
  if (onlyBinary.has(name)) return { binary: true, source: false }
  if (noBinary.has(name)) return { binary: false, source: true }
  if (onlyBinary.has(':all:')) return { binary: true, source: false }
  return { binary: !noBinary.has(':all:'), source: true }
}

/** The words of a refusal: by name, or with all others. */
export const notBuilt = {
  named: 'only a wheel of it may be taken: no-build-package names it',
  all: 'only wheels may be taken: no-build says so, or no-build-package with :all:',
} as const

/**
 * Why a source must not be built for a project that says so; undefined: it may be. Directories are one's own: they are built unless they
 * are named, and the project itself (`own`, a directory) in any case.
 */
export function whyNotBuilt(
  formats: Pick<FormatControl, 'noBinary' | 'onlyBinary'>,
  { name, place, identity }: Pick<BuildableSource, 'name' | 'place' | 'identity'>,
  own: string,
): string | undefined {
  const isDirectory = place.kind === 'directory' && identity === undefined
  if (isDirectory && place.path === own) return undefined
  if (name !== undefined && formats.onlyBinary.has(name)) return notBuilt.named
  const isForbidden = name === undefined ? formats.onlyBinary.has(':all:') : !formatsFor(formats, name).source
  return isForbidden && !isDirectory ? notBuilt.all : undefined
}
