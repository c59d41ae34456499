// What only a project's build backend tells of its requirements (`dynamic` of [project]): read from the metadata that it makes.

import type { ExtraName } from '../base/brand.ts'
import type { Workshop } from '../engine/workshop.ts'
import { toldFields } from '../project/lock-inputs.ts'
import type { Manifest } from '../project/manifest.ts'
import type { MarkerCondition } from '../spec/marker-algebra.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName } from '../spec/name.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import type { Core } from './core.ts'

/** The fields that are dynamic; the others are absent. */
export type ToldByBackend = Partial<Pick<Manifest, 'dependencies' | 'extras'>>

/** Asks the backend, where there is something that only it knows. Throws what building throws. */
export async function backendTells(
  { host }: Pick<Core, 'host'>,
  manifest: Manifest,
  workshop: Workshop,
): Promise<ToldByBackend> {
  const { directory, name } = manifest
  const fields = toldFields(manifest)
  if (fields.length === 0) return {}
  const { metadata } = await workshop.asking.readLink({
    address: fileUrl(directory, host.path),
    editable: true,
    ...(name === undefined ? {} : { name }),
  })
  const requirements = metadata.requiresDist.flatMap((text) => tryParseRequirement(text) ?? [])
  const extras = metadata.providesExtra.map((extra) => normalizeName(extra) as string as ExtraName)
  return {
    ...(fields.includes('dependencies') ? { dependencies: requirements.flatMap((one) => askedWith(one)) } : {}),
    ...(fields.includes('optional-dependencies')
      ? { extras: new Map(extras.map((extra) => [extra, requirements.flatMap((one) => askedBy(one, extra))])) }
      : {}),
  }
}

/** The manifest with what its backend tells of it. */
export function withTold<One extends Manifest>(manifest: One, told: ToldByBackend): One {
  return { ...manifest, ...told }
}

/** What an extra asks for says so in its marker, which is then none of an environment's. */
function askedWith(requirement: Requirement, extra?: ExtraName): readonly Requirement[] {
  const { marker: _, ...bare } = requirement
  const marker = whereWith(requirement, extra)
  if (marker === 'never') return []
  return [marker === 'always' ? bare : { ...bare, marker }]
}

/** What is asked for in any case is not the extra's. */
function askedBy(requirement: Requirement, extra: ExtraName): readonly Requirement[] {
  const [without, withIt] = [whereWith(requirement), whereWith(requirement, extra)]
  return textOf(without) === textOf(withIt) ? [] : askedWith(requirement, extra)
}

function whereWith({ marker }: Requirement, extra?: ExtraName): MarkerCondition {
  return marker === undefined
    ? 'always'
    : restrictMarker(marker, { extra: new Set(extra === undefined ? [] : [extra]) })
}

function textOf(marker: MarkerCondition): string {
  return typeof marker === 'string' ? marker : marker.text
}
