// The metadata of an egg that easy_install left zipped: the entries of its EGG-INFO, by their names below it.

import { isDenError } from '../base/error.ts'
import { bytesSource, pickFromZip } from '../format/zip.ts'
import type { Host } from '../host/host.ts'
import { inflateStated } from '../host/inflate.ts'

const top = 'EGG-INFO/'

/** Undefined where there is no such file, or it is no zip that can be read without doubt. */
export function readZippedEgg(
  { files }: Pick<Host, 'files'>,
  egg: string,
): ReadonlyMap<string, Uint8Array> | undefined {
  const bytes = files.readBytes(egg)
  if (bytes === undefined) return undefined
  const source = bytesSource(bytes)
  try {
    const { entries } = pickFromZip(source, { file: egg, wanted: (name) => name.startsWith(top) })
    return new Map(
      entries.flatMap((entry) => {
        const raw = source.read(entry.offset, entry.compressedSize)
        const data = entry.method === 'stored' ? raw : inflateStated(raw, entry)
        return typeof data === 'string' ? [] : [[entry.name.slice(top.length), data] as const]
      }),
    )
  } catch (error) {
    if (isDenError(error, 'invalid-archive')) return undefined
    throw error
  }
}
