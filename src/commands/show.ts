// `pip show`: what the metadata of installed packages say, with what they require and what requires them.

import type { ProjectName } from '../base/brand.ts'
import { compareTexts } from '../base/compare.ts'
import { parseCsv } from '../format/csv.ts'
import { findHeader, headerValues } from '../format/mail-headers.ts'
import { splitLines, strip } from '../format/python-text.ts'
import type { Host } from '../host/host.ts'
import { dedentHeader } from '../spec/metadata-fields.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { viewInstalled } from './installed-view.ts'
import { markersOf, readableDependencies } from './pip-dependencies.ts'
import { editableLocation } from './pip-direct-url.ts'
import { installerOf, type SeenDistribution } from './pip-distributions.ts'

export interface ShowRequest {
  readonly environment: EnvironmentWish
  readonly names: readonly string[]
  readonly files?: boolean
}

export interface ShownPackage {
  readonly name: string
  readonly version: string
  readonly summary: string
  readonly homepage: string
  readonly author: string
  readonly authorEmail: string
  readonly license: string
  readonly licenseExpression: string
  readonly location: string
  readonly editable?: string
  readonly requires: readonly string[]
  /** Undefined where a requirement of one of the others cannot be read. */
  readonly requiredBy?: readonly string[]
  readonly metadataVersion: string
  readonly installer: string
  readonly classifiers: readonly string[]
  readonly entryPoints: readonly string[]
  readonly projectUrls: readonly string[]
  /** Absent unless asked for; `unknown` where nothing lists them. */
  readonly files?: readonly string[] | 'unknown'
}

export interface ShowResult {
  readonly packages: readonly ShownPackage[]
  /** Names as typed. */
  readonly missing: readonly string[]
}

/** Tells about packages, in the order they are named. Throws what `aimAt` throws. */
export async function show(core: Core, request: ShowRequest): Promise<ShowResult> {
  const { aimed, distributions, sysPath } = await viewInstalled(core, request.environment)
  const byName = new Map<ProjectName, SeenDistribution>(distributions.map((one) => [one.project, one]))
  const markers = markersOf(core, aimed)
  const required = new Map(distributions.map((one) => [one, readableDependencies(one, markers)] as const))
  const missing = request.names.filter((name) => !byName.has(normalizeName(name))).sort()
  const packages = request.names.flatMap((name): readonly ShownPackage[] => {
    const one = byName.get(normalizeName(name))
    if (one === undefined) return []
    const own = required.get(one)
    const all = [...required]
    const requiredBy = all.some(([, requirements]) => requirements === undefined)
      ? undefined
      : all
          .filter(([, requirements]) => requirements!.some((requirement) => requirement.name === one.project))
          .map(([other]) => findHeader(other.headers, 'Name')?.value ?? 'UNKNOWN')
          .sort(byLetters)
    const editable = editableLocation(core.host, one, sysPath)
    return [
      {
        ...metadataOf(one),
        requires: [...new Set(own?.map(({ rawName }) => rawName) ?? rawRequirements(one))].sort(byLetters),
        ...(requiredBy === undefined ? {} : { requiredBy }),
        ...(editable === undefined ? {} : { editable }),
        ...(request.files === true
          ? { files: declaredFiles(core.host, one)?.toSorted(compareTexts) ?? 'unknown' }
          : {}),
      },
    ]
  })
  return { packages, missing }
}

function byLetters(a: string, b: string): number {
  return compareTexts(a.toLowerCase(), b.toLowerCase())
}

function rawRequirements({ headers }: SeenDistribution): readonly string[] {
  return headerValues(headers, 'Requires-Dist')
}

function metadataOf(one: SeenDistribution): Omit<ShownPackage, 'requires' | 'requiredBy' | 'files' | 'editable'> {
  const { headers: metadata } = one
  const header = (name: string): string => dedentHeader(findHeader(metadata, name)?.value ?? '')
  const many = (name: string): readonly string[] => headerValues(metadata, name).map(dedentHeader)
  const projectUrls = many('Project-URL')
  return {
    name: one.rawName,
    version: one.rawVersion,
    summary: header('Summary'),
    homepage: header('Home-page') || homepageAmong(projectUrls),
    author: header('Author'),
    authorEmail: header('Author-email'),
    license: header('License'),
    licenseExpression: header('License-Expression'),
    location: one.location,
    metadataVersion: header('Metadata-Version'),
    installer: installerOf(one),
    classifiers: many('Classifier'),
    entryPoints: splitLines(one.readText('entry_points.txt') ?? '').map(strip),
    projectUrls,
  }
}

/** A label counts without its punctuation and blanks, in lower case (PEP 753). */
function homepageAmong(urls: readonly string[]): string {
  for (const line of urls) {
    const comma = line.indexOf(',')
    const label = line
      .slice(0, comma)
      .replace(/[\s!-/:-@[-`{-~]/g, '')
      .toLowerCase()
    if (comma !== -1 && label === 'homepage') return strip(line.slice(comma + 1))
  }
  return ''
}

/** The files that RECORD lists, or installed-files.txt of an egg, relative to the site-packages directory; undefined without either. */
function declaredFiles({ path }: Pick<Host, 'path'>, one: SeenDistribution): readonly string[] | undefined {
  const record = one.readText('RECORD')
  if (record !== undefined)
    return parseCsv(record).flatMap(({ fields }) => (fields[0] === undefined ? [] : [path.normalize(fields[0])]))
  const installed = one.readText('installed-files.txt')
  if (installed === undefined) return undefined
  const info = path.relative(one.location, one.info)
  return splitLines(installed)
    .filter((line) => line !== '')
    .map((line) => path.join(info, line))
}
