// `pip autoremove`: what nobody asked for by name and nothing that somebody asked for requires any more goes. REQUESTED tells what was
// asked for. Which extras were is written down nowhere, so that what any extra of a package would require is taken as required.

import type { ProjectName } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import { headerValues } from '../format/mail-headers.ts'
import { strip } from '../format/python-text.ts'
import { evaluateMarker, type MarkerEnvironment } from '../spec/marker.ts'
import { normalizeName } from '../spec/name.ts'
import { parseRequirement } from '../spec/requirement.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { viewInstalled } from './installed-view.ts'
import { markersOf } from './pip-dependencies.ts'
import { editableLocation } from './pip-direct-url.ts'
import { installerOf, type SeenDistribution } from './pip-distributions.ts'
import { reach } from './reach.ts'

export interface AutoremoveRequest {
  readonly environment: EnvironmentWish
}

export interface Unneeded {
  /** By name. */
  readonly unneeded: readonly { readonly name: string; readonly version: string }[]
  /** What was asked for, which keeps the others. */
  readonly requested: readonly string[]
}

/** Finds it; `uninstall` takes it out. Throws what `aimAt` throws, and `nothing-requested` where no package says that it was asked for. */
export async function findUnneeded(core: Core, request: AutoremoveRequest): Promise<Unneeded> {
  const { aimed, distributions } = await viewInstalled(core, request.environment, { local: true })
  const isRequested = (one: SeenDistribution): boolean =>
    // Installed in place, by an older tool or by another package manager: nobody but a user does that.
    one.readText('REQUESTED') !== undefined ||
    one.kind !== 'dist-info' ||
    editableLocation(core.host, one, aimed.sysPath) !== undefined ||
    !/^(?:den|pip|uv)$/.test(installerOf(one))
  const requested = distributions.filter(isRequested)
  // den always notes what was asked for. Older pips did not: where they have been, and nothing is noted, nothing is known.
  const others = distributions.filter((one) => !seeds.has(one.project) && installerOf(one) !== 'den')
  if (others.length > 0 && requested.every(({ project }) => seeds.has(project)))
    throw new DenError('nothing-requested', { prefix: aimed.prefix, packages: others.length })
  const markers = markersOf(core, aimed)
  const byName = new Map(distributions.map((one) => [one.project, one]))
  const needed = reach([...requested, ...distributions.filter(({ project }) => seeds.has(project))], (one) =>
    everythingRequired(one, markers).flatMap((name) => byName.get(name) ?? []),
  )
  const unneeded = distributions.filter((one) => !needed.has(one))
  return {
    unneeded: unneeded
      .map(({ rawName, rawVersion }) => ({ name: rawName, version: rawVersion }))
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1)),
    requested: requested.map(({ rawName }) => rawName).sort(),
  }
}

/** They are part of an environment, whoever asked for them. */
const seeds: ReadonlySet<ProjectName> = new Set(['pip', 'setuptools', 'wheel'].map(normalizeName))

/** What cannot be read is taken as required: the name is enough. */
function everythingRequired(one: SeenDistribution, markers: MarkerEnvironment): readonly ProjectName[] {
  const extras = new Set(
    headerValues(one.headers, 'Provides-Extra').map((extra) => normalizeName(strip(extra)) as string),
  )
  const lines = headerValues(one.headers, 'Requires-Dist')
  // Old metadata names extras in markers alone.
  for (const line of lines)
    for (const [, extra] of line.matchAll(/\bextra\s*==\s*["']([^"']+)["']/g)) extras.add(normalizeName(extra!))
  return lines.flatMap((text) => {
    try {
      const { name, marker } = parseRequirement(strip(text))
      const holds =
        marker === undefined ||
        evaluateMarker(marker, markers) ||
        [...extras].some((extra) => evaluateMarker(marker, markers, { extras: new Set([extra]) }))
      return holds ? [name] : []
    } catch (error) {
      if (!isDenError(error, 'invalid-requirement', 'invalid-marker')) throw error
      const name = /^\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)/.exec(text)?.[1]
      return name === undefined ? [] : [normalizeName(name)]
    }
  })
}
