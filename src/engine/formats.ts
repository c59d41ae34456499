// Which kinds of files of a project will do: what is said of it by name counts before what is said of all.

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
