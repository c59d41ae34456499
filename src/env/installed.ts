// Which distributions an environment has: "Recording installed projects" (PEP 376, 627), and eggs as setuptools leaves them. Names
// tell nearly all of it: one listing a directory, files are read only where a name can't be believed.

import type { ProjectName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import type { Host } from '../host/host.ts'
import { tryParseDistInfoName } from '../spec/filename.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { tryParseProjectName } from '../spec/name.ts'
import { formatVersion, tryParseVersion } from '../spec/version.ts'
import { ifReadable } from './quietly.ts'

export interface InstalledDistribution {
  readonly project: ProjectName
  /** In its normal form; empty where nothing tells it. */
  readonly version: string
  /** `wheel`: a dist-info directory. `egg`: egg-info as a directory or file, an .egg directory. `develop`: an .egg-link file. */
  readonly kind: 'wheel' | 'egg' | 'develop'
  /** The site-packages directory that holds it. */
  readonly site: string
  /** The dist-info directory, the egg-info directory or file, or the .egg-link file; absolute. */
  readonly location: string
  /** What INSTALLER says ("pip", "uv", "den"); read when it is asked for. */
  readonly installer: () => string | undefined
}

/** Everything in these directories, in their order and then by name; a directory that isn't there holds nothing. */
export function readInstalled(
  host: Pick<Host, 'files' | 'path'>,
  sites: readonly string[],
): readonly InstalledDistribution[] {
  const { files, path } = host
  return [...new Set(sites)].flatMap((site) =>
    (files.list(site) ?? [])
      .flatMap(({ name }): readonly InstalledDistribution[] => {
        const match = /^(?<stem>[^~].*)\.(?<suffix>dist-info|egg-info|egg|egg-link)$/.exec(name)
        if (match === null) return []
        const { stem = '', suffix = '' } = match.groups ?? {}
        const location = path.join(site, name)
        const known = suffix === 'egg-link' ? undefined : identify(host, stem, suffix, location)
        const project = known?.project ?? tryParseProjectName(stem)
        if (project === undefined) return []
        const kind = suffix === 'dist-info' ? 'wheel' : suffix === 'egg-link' ? 'develop' : 'egg'
        const installer = (): string | undefined =>
          ifReadable(() => files.readText(path.join(location, 'INSTALLER')))
            ?.trim()
            .split('\n')[0] || undefined
        return [{ project, version: known?.version ?? '', kind, site, location, installer }]
      })
      .sort((a, b) => (a.location < b.location ? -1 : 1)),
  )
}

/** "NAME-VERSION" or, for eggs, "NAME-VERSION-py3.8"; the metadata file where the name says less. */
function identify(
  host: Pick<Host, 'files' | 'path'>,
  stem: string,
  suffix: string,
  location: string,
): { readonly project: ProjectName; readonly version: string } | undefined {
  if (suffix === 'dist-info') {
    const parsed = tryParseDistInfoName(`${stem}.dist-info`)
    if (parsed !== undefined) return { project: parsed.name, version: formatVersion(parsed.version) }
  } else {
    const [name = '', rawVersion = ''] = stem.replace(/-py\d(?:\.\d+)?(?:-[\w.-]+)?$/, '').split('-')
    const project = tryParseProjectName(name)
    const version = tryParseVersion(rawVersion)
    if (project !== undefined && version !== undefined) return { project, version: formatVersion(version) }
  }
  const candidates =
    { 'dist-info': ['METADATA'], 'egg-info': ['PKG-INFO', ''], egg: ['EGG-INFO/PKG-INFO'] }[suffix] ?? []
  for (const file of candidates) {
    const text = ifReadable(() => host.files.readText(file === '' ? location : host.path.join(location, file)))
    const metadata = text === undefined ? undefined : tryReadMetadata(text)
    if (metadata !== undefined) return { project: metadata.name, version: formatVersion(metadata.version) }
  }
  return undefined
}

function tryReadMetadata(text: string): Metadata | undefined {
  try {
    return parseMetadata(text)
  } catch (error) {
    if (isDenError(error, 'invalid-metadata')) return undefined
    throw error
  }
}
