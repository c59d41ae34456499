// A wheel that is handed over as a file, for a wheelhouse or another machine: all that unpacking would refuse is refused here as well,
// and nothing is written. "Apart from RECORD and its signatures, installation will fail if any file in the archive is not both mentioned
// and correctly hashed in RECORD": whoever gets the file should not be the one to find out.

import { DenError } from '../base/error.ts'
import type { ByteSource } from '../format/zip.ts'
import { digestStream } from '../host/hash.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { parseWheelFilename } from '../spec/filename.ts'
import { formatVersion } from '../spec/version.ts'
import { extractPieces } from './extract.ts'
import type { TreeManifest } from './manifest.ts'
import { readWheel } from './unpack.ts'

/** What its METADATA says, as a tree's manifest has it. */
export type VerifiedWheel = Pick<
  TreeManifest,
  'filename' | 'project' | 'version' | 'requiresDist' | 'requiresPython' | 'providesExtra'
>

/** Throws what unpacking throws of a wheel: `invalid-archive`, `invalid-wheel`, `invalid-record`, `invalid-metadata`, `install-refused`. */
export async function verifyWheel(
  context: Context,
  { source, filename }: { readonly source: ByteSource; readonly filename: string },
): Promise<VerifiedWheel> {
  const { metadata, parts, hashOf } = readWheel(context, { source }, parseWheelFilename(filename), filename)
  const slice = slicer({ operation: `looking through ${filename}`, signal: context.signal })
  for (const entry of parts.flatMap(({ directories }) => directories.flatMap(([, entries]) => entries))) {
    const { algorithm, digest } = hashOf(entry)
    const actual = digestStream(algorithm)
    await extractPieces(source, entry, filename, (bytes) => actual.update(bytes))
    if (actual.digest('base64url') !== digest)
      throw new DenError('invalid-wheel', {
        file: filename,
        reason: `${entry.name} is not what its RECORD says (${algorithm})`,
      })
    await slice()
  }
  return {
    filename,
    project: metadata.name,
    version: formatVersion(metadata.version),
    requiresDist: metadata.requiresDist,
    ...(metadata.requiresPython === undefined ? {} : { requiresPython: metadata.requiresPython }),
    providesExtra: metadata.providesExtra,
  }
}
