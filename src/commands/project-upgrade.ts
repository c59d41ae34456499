// `den upgrade`: newer versions of what a project asks for by name, and its bounds raised to them. What is newest is chosen within the
// bounds that stand there, or, with `latest`, whatever they say.

import type { ProjectName } from '../base/brand.ts'
import { closest } from '../base/closest.ts'
import { DenError } from '../base/error.ts'
import { raisedBounds, withoutUpperBounds } from '../project/bounds.ts'
import { setRequirement } from '../project/edit-manifest.ts'
import { namesTold } from '../project/lock-inputs.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { parseProjectName } from '../spec/name.ts'
import type { Requirement } from '../spec/requirement.ts'
import { formatSpecifiers, parseSpecifiers, type SpecifierSet, specifiersContain } from '../spec/specifier.ts'
import { compareVersions, type Version } from '../spec/version.ts'
import type { Core } from './core.ts'
import { type ChangeRequest, type ChangeResult, changeProject } from './project-change.ts'
import { commandText, type PlacedRequirement, placedRequirements, requirementChanges } from './project-requirements.ts'
import type { ResolvedProject } from './project-resolve.ts'

export interface UpgradeRequest extends ChangeRequest {
  /** All that the project asks for by name, unless said. */
  readonly names?: readonly string[]
  /** Newer than the bounds let through, too. */
  readonly latest?: boolean
}

/** Upgrades, locks and syncs. Throws `not-required`, `invalid-name`, and what `changeProject` throws. */
export async function upgradeProject(core: Core, request: UpgradeRequest): Promise<ChangeResult> {
  const { names, latest = false, ...change } = request
  return await changeProject(
    core,
    change,
    (_, { manifest, lock }) => {
      const wanted = names === undefined || names.length === 0 ? undefined : new Set(names.map(parseProjectName))
      for (const name of wanted ?? []) checkAsked(manifest, lock, name)
      const all = placedRequirements(manifest).filter(
        ({ requirement }) => requirement.name !== manifest.name && wanted?.has(requirement.name) !== false,
      )
      // What comes from an address is as new as the address is.
      const versioned = all.filter(({ requirement: { name, url } }) => url === undefined && !hasAddress(manifest, name))
      const loosened = latest
        ? withBounds(manifest, versioned, ({ specifiers }) => withoutUpperBounds(specifiers))
        : manifest.text
      return Promise.resolve({
        text: loosened,
        choices: {
          upgrade: [
            ...new Set([
              ...all.map(({ requirement }) => requirement.name),
              ...namesTold(manifest, lock).filter((name) => wanted?.has(name) !== false),
            ]),
          ],
        },
        written: (resolved) =>
          withBounds(manifest, versioned, (requirement) => {
            const version = chosenFor(requirement, resolved, latest)
            return version === undefined ? undefined : parseSpecifiers(raisedBounds(requirement.specifiers, version))
          }),
        told: requirementChanges,
      })
    },
    {
      command: commandText('upgrade', {}, [...(latest ? ['--latest'] : []), ...(names ?? [])]),
      takenBack: true,
      upgraded: (manifest) =>
        new Set(
          names === undefined || names.length === 0
            ? placedRequirements(manifest).map(({ requirement }) => requirement.name)
            : names.map(parseProjectName),
        ),
    },
  )
}

function checkAsked(
  manifest: Manifest,
  lock: Pick<ProjectLock, 'lock' | 'inputs'> | undefined,
  name: ProjectName,
): void {
  const asked = [
    ...placedRequirements(manifest).map(({ requirement }) => requirement.name),
    ...namesTold(manifest, lock),
  ]
  if (asked.includes(name)) return
  const locked = lock?.lock?.packages.some((one) => one.name === name) === true
  const meant = locked ? [] : closest(name, new Set(asked))
  throw new DenError('not-required', { file: manifest.file, name, place: 'the project', elsewhere: [], locked, meant })
}

function hasAddress({ settings }: Manifest, name: ProjectName): boolean {
  return (settings.sources.get(name) ?? []).some(({ kind }) => kind !== 'index')
}

/** The oldest of the versions that were chosen for it: what it asks for must let all of them through. */
function chosenFor(requirement: Requirement, { result }: ResolvedProject, latest: boolean): Version | undefined {
  const { name, specifiers } = requirement
  const versions = result.packages
    .filter((one) => one.name === name && one.link === undefined)
    .map(({ version }) => version)
    // Of a project that is asked for several times, each with other versions, those of the others say nothing of this one.
    .filter((version) => latest || specifiersContain(specifiers, version))
  return versions.sort(compareVersions)[0]
}

/** The text with other bounds for these; undefined leaves one as it is. */
function withBounds(
  { file, text }: Manifest,
  placed: readonly PlacedRequirement[],
  boundsFor: (requirement: Requirement) => SpecifierSet | undefined,
): string {
  let current = text
  for (const { place, requirement } of placed) {
    const specifiers = boundsFor(requirement)
    if (specifiers === undefined || formatSpecifiers(specifiers) === formatSpecifiers(requirement.specifiers)) continue
    const after = { ...requirement, specifiers }
    current = setRequirement(current, { file, place, before: requirement, after }).text
  }
  return current
}
