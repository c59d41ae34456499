// What only a project's build backend tells of its requirements and its Pythons (`dynamic` of [project]): read from the metadata that it makes.

import type { ExtraName } from '../base/brand.ts'
import { isDenError } from '../base/error.ts'
import type { Workshop } from '../engine/workshop.ts'
import { toldFields } from '../project/lock-inputs.ts'
import type { Manifest } from '../project/manifest.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { MarkerCondition } from '../spec/marker-algebra.ts'
import { restrictMarker } from '../spec/marker-restrict.ts'
import { normalizeName } from '../spec/name.ts'
import { type Requirement, tryParseRequirement } from '../spec/requirement.ts'
import { fileUrl } from '../spec/requirements-txt-url.ts'
import { tryParseSpecifiers } from '../spec/specifier.ts'
import type { AskedPython } from './asked-python.ts'
import type { Core } from './core.ts'
import type { Late } from './late.ts'
import { pythonForBuilds } from './project-python.ts'

/** The fields that are dynamic; the others are absent. */
export type ToldByBackend = Partial<Pick<Manifest, 'requiresPython' | 'dependencies' | 'extras'>>

export interface AskedBackend {
  readonly told: ToldByBackend
  /** Of the project's Pythons, where it or its backend says which those are. */
  readonly interpreter: Interpreter
  readonly workshop: Late<Workshop>
}

/**
 * What the backend tells, and a workshop with a Python that the project is for, which is the caller's to close: where only the backend tells
 * the Pythons, it is asked with another one if need be. Throws what finding a Python and building throw.
 */
export async function askedBackend(
  core: Core,
  manifest: Manifest,
  asked: AskedPython,
  open: (interpreter: Interpreter) => Late<Workshop>,
): Promise<AskedBackend> {
  const { interpreter } = await pythonForBuilds(core, manifest, asked).catch((error: unknown) => {
    // What the backend told the last time need not be what it tells now.
    if (!manifest.dynamic.has('requires-python') || !isDenError(error, 'python-not-found')) throw error
    return pythonForBuilds(core, withTold(manifest, {}), asked)
  })
  const workshop = open(interpreter)
  try {
    const told = await backendTells(core, manifest, workshop)
    if (told.requiresPython === undefined) return { told, interpreter, workshop }
    const own = await pythonForBuilds(core, withTold(manifest, told), asked)
    if (own.interpreter.executable === interpreter.executable) return { told, interpreter, workshop }
    await workshop.close()
    return { told, interpreter: own.interpreter, workshop: open(own.interpreter) }
  } catch (error) {
    await workshop.close()
    throw error
  }
}

/** Asks the backend, where there is something that only it knows. Throws what building throws. */
async function backendTells(
  { host }: Pick<Core, 'host'>,
  manifest: Manifest,
  workshop: Late<Workshop>,
): Promise<ToldByBackend> {
  const { directory, name } = manifest
  const fields = toldFields(manifest)
  if (fields.length === 0) return {}
  const { asking } = await workshop.open()
  const { metadata } = await asking.readLink({
    address: fileUrl(directory, host.path),
    editable: true,
    ...(name === undefined ? {} : { name }),
  })
  const requirements = metadata.requiresDist.flatMap((text) => tryParseRequirement(text) ?? [])
  const extras = metadata.providesExtra.map((extra) => normalizeName(extra) as string as ExtraName)
  const requiresPython = fields.includes('requires-python')
    ? tryParseSpecifiers(metadata.requiresPython ?? '')
    : undefined
  return {
    // Metadata that has none is of a project that does not say.
    ...(requiresPython === undefined || requiresPython.specifiers.length === 0 ? {} : { requiresPython }),
    ...(fields.includes('dependencies') ? { dependencies: requirements.flatMap((one) => askedWith(one)) } : {}),
    ...(fields.includes('optional-dependencies')
      ? { extras: new Map(extras.map((extra) => [extra, requirements.flatMap((one) => askedBy(one, extra))])) }
      : {}),
  }
}

/** The manifest with what its backend tells of it, and nothing of what it told before. */
export function withTold(manifest: Manifest, told: ToldByBackend): Manifest {
  if (!manifest.dynamic.has('requires-python')) return { ...manifest, ...told }
  const { requiresPython: _, ...rest } = manifest
  return { ...rest, ...told }
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
