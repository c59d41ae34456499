// The installed distributions of an environment as the checks want them: where each one's metadata stands, what its RECORD lists and
// what its WHEEL file claims to fit. Read as far as it can be read; damage is what the checks look for.

import type { Host } from '../../host/host.ts'
import { expandTag } from '../../spec/filename.ts'
import type { Environment } from '../environment.ts'
import { ifReadable } from '../quietly.ts'
import { recordRowPath } from '../record-rows.ts'

export interface Distribution {
  /** As the directory spells it ("ruamel.yaml"). */
  readonly name: string
  readonly version: string
  /** The .dist-info directory, absolute. */
  readonly directory: string
  readonly hasMetadata: boolean
  readonly hasRecord: boolean
  /** The paths of RECORD, relative to site-packages, as written. */
  readonly record: () => readonly string[]
  /** The `Tag` lines of WHEEL, each an expanded one ("cp312-cp312-manylinux_2_17_x86_64"). */
  readonly tags: () => readonly string[]
  /** The text of entry_points.txt; empty when there is none. */
  readonly entryPoints: () => string
}

export function readDistributions(
  host: Pick<Host, 'files' | 'path'>,
  environment: Environment,
): readonly Distribution[] {
  const { files, path } = host
  const library = environment.paths.purelib
  return (ifReadable(() => files.list(library)) ?? [])
    .filter(({ name, kind }) => kind === 'directory' && /^[^~].*\.dist-info$/.test(name))
    .map(({ name: folder }) => {
      const directory = path.join(library, folder)
      const stem = folder.slice(0, -'.dist-info'.length)
      const dash = stem.lastIndexOf('-')
      const names = new Set((ifReadable(() => files.list(directory)) ?? []).map((entry) => entry.name))
      const text = (name: string): string =>
        names.has(name) ? (ifReadable(() => files.readText(path.join(directory, name))) ?? '') : ''
      return {
        name: dash === -1 ? stem : stem.slice(0, dash),
        version: dash === -1 ? '' : stem.slice(dash + 1),
        directory,
        hasMetadata: names.has('METADATA') || names.has('PKG-INFO'),
        hasRecord: names.has('RECORD'),
        record: () =>
          text('RECORD')
            .split(/\r?\n/)
            .map(recordRowPath)
            .filter((row) => row !== ''),
        tags: () => [...text('WHEEL').matchAll(/^Tag:\s*(\S+)/gim)].flatMap((match) => expandTag(match[1]!)),
        entryPoints: () => text('entry_points.txt'),
      }
    })
    .sort((left, right) => (left.directory < right.directory ? -1 : 1))
}
