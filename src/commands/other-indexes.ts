// Where a project comes from the first index that has it, a version that is missing may well stand in another one. Who runs into that is
// told, and told how to take it from there; nothing is taken by itself, since a stranger may have put it there under the same name.

import type { ProjectName } from '../base/brand.ts'
import type { DenError } from '../base/error.ts'
import { hideCredentials } from '../base/safe-url.ts'
import { openPackageSource, type SourceSettings } from '../indexes/package-source.ts'
import { normalizeName } from '../spec/name.ts'
import type { Core } from './core.ts'

/** Sentences about indexes that were not asked because an earlier one has the project. Never throws for an index that fails. */
export async function projectsElsewhere(
  core: Core,
  settings: SourceSettings,
  { detail }: DenError<'no-solution'>,
): Promise<readonly string[]> {
  if (settings.policy !== 'first-index' || settings.indexes.length < 2) return []
  const named = [...detail.missing, ...detail.asked].flatMap((text) => /^[A-Za-z0-9][\w.-]*/.exec(text)?.[0] ?? [])
  const found: string[] = []
  for (const name of new Set(named.map(normalizeName))) {
    const holders = await holdersOf(core, settings, name)
    const [first, ...others] = holders
    if (first === undefined) continue
    for (const other of others) {
      const more = other.versions.filter((version) => !first.versions.includes(version))
      if (more.length === 0) continue
      const shown = `${more.slice(0, 5).join(', ')}${more.length > 5 ? ', …' : ''}`
      found.push(`${name} comes from ${first.index}, which is asked first; ${other.index} has it too: ${shown}`)
    }
  }
  return found
}

/** Where projects would have come from, as it may be shown. */
export function placesFor(
  { indexes, findLinks }: Pick<SourceSettings, 'indexes' | 'findLinks'>,
  projects: readonly string[],
): readonly string[] {
  const asked = projects.flatMap((name) => {
    const own = indexes.filter((entry) => entry.projects?.some((one) => one === name))
    return own.length > 0 ? own : indexes.filter((entry) => entry.projects === undefined)
  })
  return [...new Set([...asked.map(({ url }) => String(url)), ...findLinks.map(hideCredentials)])]
}

interface Holder {
  readonly index: string
  readonly versions: readonly string[]
}

async function holdersOf(core: Core, settings: SourceSettings, name: ProjectName): Promise<readonly Holder[]> {
  const holders: Holder[] = []
  for (const entry of settings.indexes) {
    const source = openPackageSource(core, { ...settings, indexes: [entry], findLinks: [], unreachable: 'skip' })
    try {
      const project = await source.project(name)
      if (project !== undefined && project.versions.length > 0)
        holders.push({ index: String(entry.url), versions: project.versions.map(({ version }) => version.text) })
    } finally {
      source.close()
    }
  }
  return holders
}
