// `den audit`: what is installed, or written down, against what is known to be bad; on request also who published it.

import type { ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import { mapTogether } from '../base/map-together.ts'
import { type SafeUrl, tryParseUrl } from '../base/safe-url.ts'
import { shellWord } from '../base/shell-word.ts'
import { readIndexSettings } from '../config/index-settings.ts'
import { type AuditFindings, findVulnerabilities, type IgnoreRule, type Upgrade } from '../engine/audit.ts'
import type { ProvenanceReport, ProvenanceSubject } from '../engine/audit-provenance.ts'
import { readOsvFiles } from '../indexes/osv-files.ts'
import { askIndexVulnerabilities } from '../indexes/osv-index.ts'
import { askOsvService, publicOsvService } from '../indexes/osv-service.ts'
import { publicIndex } from '../indexes/public-index.ts'
import { type HttpCache, openHttpCache } from '../net/cache.ts'
import type { Transport } from '../net/transport.ts'
import type { OsvRecord } from '../spec/osv.ts'
import { type AuditedReleases, installedReleases, namedReleases, type SkippedRelease } from './audit-releases.ts'
import type { Core } from './core.ts'
import { type Policy, readPolicy } from './policy.ts'

export interface AuditRequest {
  /** The environment: a directory, a name, an executable. The selected one unless said. */
  readonly python?: string
  /** requirements.txt and pylock.toml files instead of an environment. */
  readonly requirementFiles?: readonly string[]
  /** `osv`: the public service; `index`: the index's own data; an address: another OSV service; else a file, directory or zip file. */
  readonly sources?: readonly string[]
  /** To be let pass, beside what the project's policy lists: "ID" or "ID=REASON". */
  readonly ignore?: readonly string[]
  /** Also verify who published each release. */
  readonly provenance?: boolean
  readonly offline?: boolean
}

export interface AuditResult extends AuditFindings {
  /** The environment's root or executable; absent where files were audited. */
  readonly environment?: string
  readonly files?: readonly string[]
  /** Where the records came from. */
  readonly sources: readonly string[]
  /** Releases that were looked up. */
  readonly checked: number
  readonly skipped: readonly SkippedRelease[]
  /** The command that makes the upgrades; absent where there is none to make, or files would have to be edited. */
  readonly command?: string
  /** The command that takes malware out. */
  readonly removal?: string
  readonly provenance?: readonly ProvenanceReport[]
  /** The file that lists what is ignored and demanded, where there is one. */
  readonly policy?: string
  /** Nothing was found, and nothing demanded was missing. */
  readonly sound: boolean
}

/** Throws what finding the environment, reading files and asking databases throw. What is found is no error. */
export async function audit(core: Core, request: AuditRequest = {}): Promise<AuditResult> {
  const { host } = core
  const files = request.requirementFiles ?? []
  const policy = readPolicy(host, host.cwd)
  const net = openNet(core, request.offline === true)
  try {
    const audited =
      files.length > 0 ? await namedReleases(core, files, net.transport) : await installedReleases(core, request.python)
    const { releases, skipped, aimed } = audited
    const sources = request.sources?.length ? request.sources : ['osv']
    const records: OsvRecord[] = []
    for (const source of sources) records.push(...(await recordsFrom(core, source, releases, net)))
    const found = findVulnerabilities(
      releases.map(({ sha256: _, before: __, ...release }) => release),
      records,
      {
        ignore: [...policy.ignored, ...(request.ignore ?? []).map(parseIgnore)],
        now: host.now(),
        note: (text) => core.report({ kind: 'note', text }),
      },
    )
    const provenance = request.provenance === true ? await provenanceOf(core, audited, policy, net) : undefined
    const environment = aimed?.environment?.root ?? aimed?.executable
    const isSound = found.findings.length === 0 && provenance?.every(({ problem }) => problem === undefined) !== false
    return {
      ...(environment === undefined ? {} : { environment }),
      ...(files.length === 0 ? {} : { files }),
      sources: sources.map((source) => (source === 'osv' ? publicOsvService : source)),
      checked: releases.length,
      ...found,
      skipped,
      ...(files.length > 0 ? {} : commandsFor(found, request.python)),
      ...(provenance === undefined ? {} : { provenance }),
      ...(policy.file === undefined ? {} : { policy: policy.file }),
      sound: isSound,
    }
  } finally {
    net.close()
  }
}

/** "GHSA-…" or "GHSA-…=we never parse what strangers send". */
function parseIgnore(text: string): IgnoreRule {
  const [id = '', ...rest] = text.split('=')
  const reason = rest.join('=').trim()
  return { id: id.trim(), ...(reason === '' ? {} : { reason }) }
}

function commandsFor(
  { findings, upgrades }: AuditFindings,
  python: string | undefined,
): Pick<AuditResult, 'command' | 'removal'> {
  const where = python === undefined ? [] : ['--python', shellWord(python)]
  const wanted = (all: readonly Upgrade[]): string => all.map(({ name, to }) => shellWord(`${name}>=${to}`)).join(' ')
  const malware = [...new Set(findings.filter((one) => one.malware).map(({ name }) => name))]
  return {
    ...(upgrades.length === 0 ? {} : { command: ['den pip install', ...where, wanted(upgrades)].join(' ') }),
    ...(malware.length === 0 ? {} : { removal: ['den pip uninstall', ...where, ...malware].join(' ') }),
  }
}

/** One connection and one cache for the whole audit, opened when something is asked for. */
interface Net {
  transport(): Promise<Transport>
  cache(): Promise<HttpCache>
  readonly offline: boolean
  close(): void
}

function openNet(core: Core, offline: boolean): Net {
  let transport: Promise<Transport> | undefined
  let cache: Promise<HttpCache> | undefined
  const net: Net = {
    offline,
    transport: () => {
      transport ??= import('../net/transport.ts').then(({ openTransport }) => {
        const { index, timeout } = readIndexSettings(core.host)
        return openTransport(core, {
          offline,
          indexes: index === undefined ? [] : [index.value],
          ...(timeout === undefined ? {} : { idleMilliseconds: timeout.value * 1000 }),
        })
      })
      return transport
    },
    cache: () => {
      cache ??= net
        .transport()
        .then((opened) => openHttpCache(core, { transport: opened, directory: core.places.cache }))
      return cache
    },
    close: () => {
      void cache?.then((opened) => opened.close())
      void transport?.then((opened) => opened.close())
    },
  }
  return net
}

const isAddress = /^https?:\/\//i

/** Releases of the index are asked about one by one, so many at a time. */
const together = 12

async function recordsFrom(
  core: Core,
  source: string,
  releases: readonly ProvenanceSubject[],
  net: Net,
): Promise<readonly OsvRecord[]> {
  if (releases.length === 0) return []
  const isRemote = source === 'index' || source === 'osv' || isAddress.test(source)
  if (isRemote && (await net.transport()).offline)
    throw new DenError('audit-offline', { source: source === 'osv' ? 'the OSV service' : `the source ${source}` })
  if (source === 'index') {
    const { fetch } = await net.cache()
    const index = indexOf(core)
    return (
      await mapTogether(releases, together, (release) => askIndexVulnerabilities(release, { index, fetch }))
    ).flat()
  }
  const service = source === 'osv' ? publicOsvService : source
  if (isAddress.test(service)) {
    const address = tryParseUrl(service.endsWith('/') ? service : `${service}/`)
    if (address === undefined) throw new DenError('audit-source-missing', { place: source })
    const { fetch } = await net.cache()
    return await askOsvService(releases, { transport: await net.transport(), fetch, service: address })
  }
  const projects = new Set<ProjectName>(releases.map(({ name }) => name))
  return await readOsvFiles(core, core.host.path.resolve(core.host.cwd, source), projects)
}

function indexOf({ host }: Core): SafeUrl {
  return readIndexSettings(host).index?.value ?? tryParseUrl(publicIndex)!
}

async function provenanceOf(
  core: Core,
  { releases, aimed }: AuditedReleases,
  policy: Policy,
  net: Net,
): Promise<readonly ProvenanceReport[]> {
  const [{ checkProvenance }, { openPackageSource }, { targetOf }] = await Promise.all([
    import('../engine/audit-provenance.ts'),
    import('../indexes/package-source.ts'),
    import('../python/target.ts'),
  ])
  const { fetch } = await net.cache()
  const source = openPackageSource(core, {
    indexes: [{ url: indexOf(core) }],
    findLinks: [],
    policy: 'first-index',
    offline: net.offline,
    transport: await net.transport(),
  })
  const ranks = aimed === undefined ? undefined : targetOf(core, aimed.interpreter).ranks
  try {
    return await mapTogether(releases, together, (release) =>
      checkProvenance(release, {
        fetch,
        project: source.project,
        wanted: (name) => policy.attestations.get(name),
        ...(ranks === undefined ? {} : { ranks }),
      }),
    )
  } finally {
    source.close()
  }
}
