// The installation report (`pip install --report`, "Installation Report"): what would be or was installed and from where, in pip's form,
// version 1, which programs read.

import type { ResolvedDistribution } from '../engine/resolve-request.ts'
import { targetOf } from '../python/target.ts'
import { type DirectUrl, directUrlOfArchive } from '../spec/direct-url.ts'
import { metadataJson } from '../spec/metadata-json.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'
import type { InstallResult } from './install.ts'

/** The pip whose reports these are like. */
const pipVersion = '26.3'

/** The report's value, to be written as JSON. */
export async function installReport(core: Core, result: InstallResult): Promise<unknown> {
  const { plan } = result
  const coming = [...plan.install, ...plan.change.map(({ to }) => to), ...plan.reinstall.map(({ to }) => to)]
  return {
    version: '1',
    pip_version: pipVersion,
    install: coming.map(({ source }) => entryOf(core, source, result.hashes.get(source.name))),
    environment: { ...targetOf(core, result.aimed.interpreter).markers },
  }
}

function entryOf(core: Core, one: ResolvedDistribution, sha256: string | undefined): Record<string, unknown> {
  return {
    download_info: one.directUrl === undefined ? downloadOf(core, one, sha256) : withHash(one.directUrl, sha256),
    is_direct: one.directUrl !== undefined,
    is_yanked: one.file?.yanked !== undefined,
    requested: one.requested,
    ...(one.requestedExtras.length === 0 ? {} : { requested_extras: one.requestedExtras }),
    metadata:
      one.metadata === undefined ? { name: one.name, version: one.version.text } : metadataJson(one.metadata.message),
  }
}

/** Of an archive whose address promises no hash. */
function withHash(told: DirectUrl, sha256: string | undefined): DirectUrl {
  const { archive_info: archive, url, subdirectory } = told
  if (archive === undefined || sha256 === undefined || Object.keys(archive.hashes ?? {}).length > 0) return told
  return directUrlOfArchive(url, { sha256 }, subdirectory)
}

function downloadOf(core: Core, { file }: ResolvedDistribution, sha256: string | undefined): unknown {
  if (file === undefined) return {}
  const url = file.place.kind === 'url' ? file.place.url.href : fileUrl(file.place.path, core.host.path)
  const hashes = Object.keys(file.hashes).length > 0 ? file.hashes : sha256 === undefined ? {} : { sha256 }
  return directUrlOfArchive(url, hashes)
}
