// Where a shared library of Linux looks for the ones it needs: DT_RPATH and DT_RUNPATH of an ELF file. Read from any source; what is
// malformed has no such paths.

import { dynamicTags, isElf, type RangeReader, readElfDynamic, readElfHeader, readElfSegments } from './elf.ts'
import type { ByteSource } from './zip.ts'

/** The directories of RPATH and RUNPATH, as written ("$ORIGIN/../lib"); none for a file that has none or is not ELF. */
export function readRunPaths(source: ByteSource): readonly string[] {
  try {
    return read(source)
  } catch (error) {
    // A number that points out of the file.
    if (error instanceof RangeError) return []
    throw error
  }
}

function read(source: ByteSource): readonly string[] {
  const within: RangeReader = (start, length) => {
    if (start < 0 || length < 0 || start + length > source.size) throw new RangeError('outside the file')
    return source.read(start, length)
  }
  if (!isElf(within(0, 64))) return []
  const header = readElfHeader(within)
  const dynamic = readElfDynamic(within, header, readElfSegments(within, header))
  if (dynamic === undefined) return []
  const { entries, strings } = dynamic
  const paths = entries.filter(({ tag }) => tag === dynamicTags.rpath || tag === dynamicTags.runpath)
  return paths.flatMap(({ value }) => {
    const start = strings + value
    const bytes = within(start, Math.min(4096, source.size - start))
    const end = bytes.indexOf(0)
    const text = end === -1 ? '' : new TextDecoder().decode(bytes.subarray(0, end))
    return text.split(':').filter((path) => path !== '')
  })
}
