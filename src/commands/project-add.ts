// `den add`: requirements into a project's manifest, with a bound of the version that was chosen where nothing is said of versions.

import type { ExtraName, ProjectName } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { WantedLink } from '../engine/resolve-request.ts'
import { openWorkshop } from '../engine/workshop.ts'
import { openPackageSource } from '../indexes/package-source.ts'
import { type BoundKind, boundFor } from '../project/bounds.ts'
import {
  addRequirements,
  type EditedManifest,
  type RequirementPlace,
  writtenRequirement,
} from '../project/edit-manifest.ts'
import { isSameWish } from '../project/join-requirements.ts'
import type { Manifest } from '../project/manifest.ts'
import { normalizeName, parseProjectName } from '../spec/name.ts'
import type { Pylock } from '../spec/pylock.ts'
import type { Requirement } from '../spec/requirement.ts'
import { parseSpecifiers } from '../spec/specifier.ts'
import { compareVersions } from '../spec/version.ts'
import type { Core } from './core.ts'
import { type PackageChoices, packageChoices } from './package-choices.ts'
import { type ChangeRequest, type ChangeResult, changeProject } from './project-change.ts'
import { projectFormats } from './project-formats.ts'
import { type AddedIndex, writeIndexes } from './project-indexes.ts'
import { pythonForBuilds } from './project-python.ts'
import { commandText, extraPlace, groupPlace, requirementChanges, requirementsAt } from './project-requirements.ts'
import { givenUp, type ResolvedProject } from './project-resolve.ts'
import { projectSources } from './project-sources.ts'
import { buildWishes } from './project-wish.ts'
import { type Addition, type AdditionWords, readAdditions } from './project-words.ts'

export interface AddRequest extends ChangeRequest, AdditionWords {
  /** Into this dependency group, in place of the project's own dependencies. */
  readonly group?: string
  /** Into this extra of the project. */
  readonly optional?: string
  /** What is asked of the version where nothing is said: `lower` unless said. */
  readonly bounds?: BoundKind
  /** Indexes to be asked before the project's own, and written down there. What is added comes from one that has a name. */
  readonly indexes?: readonly AddedIndex[]
  /** Give up all versions that the lock has, or those of these projects. */
  readonly upgrade?: boolean
  readonly upgradePackages?: readonly string[]
}

/** Adds requirements, locks and syncs. Throws `invalid-name` for a group or an extra, and what `changeProject` and reading the words throw. */
export async function addToProject(asking: Core, request: AddRequest): Promise<ChangeResult> {
  const { group, optional, bounds, upgrade = false, upgradePackages = [], indexes: _indexes, ...rest } = request
  const {
    requirements,
    fromIndex: _fromIndex,
    requirementFiles: _files,
    constraintFiles: _constraints,
    editable: _editable,
    raw = false,
    revision: _revision,
    subdirectory: _subdirectory,
    extras: _extras,
    marker: _marker,
    ...change
  } = rest
  const place: RequirementPlace =
    group !== undefined ? groupPlace(group) : optional !== undefined ? extraPlace(optional) : { kind: 'project' }
  const parts = group !== undefined ? { groups: [group] } : optional !== undefined ? { extras: [optional] } : undefined
  return await changeProject(
    asking,
    change,
    async (core, { manifest: found }) => {
      checkNewPlace(found, request)
      const { additions: wanted, limits, text: start, extraIndexes } = await readAdded(core, found, place, request)
      const manifest = { ...found, text: start }
      const text = withAdditions(manifest, place, wanted)
      const anew = givenUp(upgrade, upgradePackages)
      return {
        text,
        choices: {
          ...anew,
          ...(extraIndexes === undefined ? {} : { extraIndexes }),
          limits: [...limits, ...anew.limits],
        },
        ...(raw || !wanted.some(isUnbounded)
          ? {}
          : {
              written: (resolved) =>
                withAdditions(
                  manifest,
                  place,
                  wanted.map((one) => (isUnbounded(one) ? bounded(one, resolved, bounds) : one)),
                ),
            }),
        check: (lock) => checkHashes(lock, wanted),
        told: requirementChanges,
      }
    },
    {
      ...(parts === undefined ? {} : { parts }),
      command: commandText('add', { group, optional }, [
        ...requirements,
        ...(request.requirementFiles ?? []).map((file) => `-r ${file}`),
      ]),
      takenBack: true,
    },
  )
}

/** A group or an extra that is begun has a name that every tool takes. Throws `invalid-name`. */
function checkNewPlace({ groups, extras }: Manifest, { group, optional }: AddRequest): void {
  if (group !== undefined && !groups.groups.has(normalizeName(group))) parseProjectName(group)
  if (optional !== undefined && !extras.has(normalizeName(optional) as string as ExtraName)) parseProjectName(optional)
}

/** What is to be added, and the manifest with the indexes in it that are written down for that. */
export interface Added {
  readonly text: string
  readonly additions: readonly Addition[]
  /** What constraints files say: limits for this time. */
  readonly limits: readonly Requirement[]
  /** Indexes that are to be asked as they were given: their credentials are not written. Absent where there is none to be asked beside. */
  readonly extraIndexes?: readonly string[]
}

/** Throws what reading the words throws, and `bad-option-value` for an index's name that is taken. */
export async function readAdded(
  core: Core,
  manifest: Manifest,
  place: RequirementPlace,
  request: AdditionWords & Pick<AddRequest, 'indexes'> & PackageChoices,
): Promise<Added> {
  const { indexes = [] } = request
  const own = writeIndexes(core, manifest, indexes)
  const fromIndex = request.fromIndex ?? own.pinned
  const words = { ...request, ...(fromIndex === undefined ? {} : { fromIndex }) }
  const choices = packageChoices(request)
  const read = await readAdditions(core, manifest, words, (link) => lookAt(core, manifest, link, choices))
  const named = read.indexes.length === 0 ? own : writeIndexes(core, manifest, [...indexes, ...read.indexes])
  const extraIndexes = [...named.asked, ...(choices.extraIndexes ?? [])]
  return {
    text: named.text,
    additions: read.additions.map((one) => keptBounds(manifest, place, one)),
    limits: read.limits,
    ...(extraIndexes.length === 0 ? {} : { extraIndexes }),
  }
}

/**
 * A requirement that came with hashes is for one of those files: another one under its name is refused. Throws `hashes-not-locked`. What the
 * lock has no hash of the kind for is not told by it.
 */
export function checkHashes({ packages }: Pylock, additions: readonly Addition[]): void {
  for (const { requirement, hashes = [] } of additions) {
    if (hashes.length === 0) continue
    const files = packages
      .filter(({ name }) => name === requirement.name)
      .flatMap(({ wheels = [], sdist }) => [...wheels, ...(sdist === undefined ? [] : [sdist])])
    const isKnown = files.some((file) => hashes.some(({ algorithm }) => file.hashes.has(algorithm)))
    const isMeant = files.some((file) =>
      hashes.some(({ algorithm, digest }) => file.hashes.get(algorithm) === digest.toLowerCase()),
    )
    if (isKnown && !isMeant)
      throw new DenError('hashes-not-locked', {
        requirement: writtenRequirement(requirement),
        hashes: hashes.map(({ algorithm, digest }) => `${algorithm}:${digest}`),
      })
  }
}

function withAdditions(manifest: Manifest, place: RequirementPlace, additions: readonly Addition[]): string {
  return editedWith(manifest, place, additions).text
}

/** The text with these in it, each with its source. */
export function editedWith(
  { file, text }: Pick<Manifest, 'file' | 'text'>,
  place: RequirementPlace,
  additions: readonly Addition[],
): EditedManifest {
  const sources = new Map(
    additions.flatMap(({ requirement, source }) => (source === undefined ? [] : [[requirement.name, source] as const])),
  )
  return addRequirements(text, { file, place, requirements: additions.map(({ requirement }) => requirement), sources })
}

/** Who asks again for what is asked for already, and says nothing of versions, means what stands there. */
function keptBounds(manifest: Manifest, place: RequirementPlace, addition: Addition): Addition {
  const { requirement } = addition
  if (!isUnbounded(addition)) return addition
  // In poetry's words one entry is the project's requirement and that of its extras.
  const places: readonly RequirementPlace[] =
    manifest.dialect === 'poetry' && place.kind !== 'group'
      ? [place, { kind: 'project' }, ...[...manifest.extras.keys()].map(extraPlace)]
      : [place]
  const there = places.flatMap((one) => requirementsAt(manifest, one)).find((one) => isSameWish(one, requirement))
  if (there === undefined) return addition
  const extras = [...new Set([...there.extras, ...requirement.extras])].sort()
  return { ...addition, requirement: { ...there, extras } }
}

function isUnbounded({ requirement: { specifiers, url }, source }: Addition): boolean {
  return specifiers.specifiers.length === 0 && url === undefined && (source === undefined || source.kind === 'index')
}

/** With a bound of what was chosen; where that differs from environment to environment, of the oldest. */
function bounded(addition: Addition, { result }: ResolvedProject, kind: BoundKind | undefined): Addition {
  const { requirement } = addition
  const chosen = result.packages.filter(({ name, link }) => name === requirement.name && link === undefined)
  const [oldest] = chosen.map(({ version }) => version).sort(compareVersions)
  // Nobody in scope needs it, or it comes from elsewhere.
  if (oldest === undefined) return addition
  return { ...addition, requirement: { ...requirement, specifiers: parseSpecifiers(boundFor(oldest, kind)) } }
}

/** Whose project it is that an address holds. */
async function lookAt(
  core: Core,
  manifest: Manifest,
  link: WantedLink,
  choices: PackageChoices,
): Promise<{ readonly name: ProjectName }> {
  const { interpreter } = await pythonForBuilds(core, manifest, choices)
  const { settings } = projectSources(core, manifest, choices)
  const source = openPackageSource(core, settings)
  const build = buildWishes(core, manifest, interpreter, choices)
  const formats = projectFormats(manifest, choices)
  const workshop = openWorkshop(core, { interpreter, source, formats, offline: settings.offline, build })
  try {
    return await workshop.asking.readLink(link)
  } finally {
    workshop.close()
    source.close()
  }
}
