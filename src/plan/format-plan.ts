// A plan as lines and as data, for people and programs to read before it is carried out.

import type { ProjectName } from '../base/brand.ts'
import { tryParseVersion } from '../spec/version.ts'
import type { Plan, Present, Wanted } from './plan.ts'

/** One change of one project. */
export interface PlannedChange {
  readonly kind: 'install' | 'upgrade' | 'downgrade' | 'reinstall' | 'remove'
  readonly name: ProjectName
  /** What stands there before and goes; several where there is more than one of this name. */
  readonly from: readonly string[]
  readonly to?: string
  readonly directUrl?: string
  readonly editable?: boolean
}

/** The changes, by project. */
export function planChanges(plan: Plan<unknown>): readonly PlannedChange[] {
  const came = (to: Wanted<unknown>): Pick<PlannedChange, 'name' | 'to' | 'directUrl' | 'editable'> => ({
    name: to.name,
    to: to.version,
    ...(to.directUrl === undefined ? {} : { directUrl: to.directUrl }),
    ...(to.editable === undefined ? {} : { editable: to.editable }),
  })
  const went = (from: readonly Present[]): readonly string[] => from.map(({ version }) => version)
  const changes: PlannedChange[] = [
    ...plan.install.map((to) => ({ kind: 'install' as const, from: [], ...came(to) })),
    ...plan.change.map(({ from, to }) => ({
      kind: from.every(({ version }) => !isNewer(version, to.version)) ? ('upgrade' as const) : ('downgrade' as const),
      from: went(from),
      ...came(to),
    })),
    ...plan.reinstall.map(({ from, to }) => ({ kind: 'reinstall' as const, from: went(from), ...came(to) })),
    ...plan.remove.map((one) => ({ kind: 'remove' as const, name: one.name, from: [one.version] })),
  ]
  return changes.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** "+ new==1.0", "- old==1.0", "~ again==1.0": one line for what goes, one for what comes, by project. */
export function planLines(changes: readonly PlannedChange[]): readonly string[] {
  return changes.flatMap((change) => {
    const { kind, name, from, to } = change
    const came = to === undefined ? [] : [`+ ${spell(name, to)}${origin(change)}`]
    if (kind === 'reinstall') return [`~ ${spell(name, to!)}${origin(change)}`]
    return [...from.map((version) => `- ${spell(name, version)}`), ...came]
  })
}

/** "a-1.0 b-2.0": what pip says it installed, or would. */
export function installedWords(changes: readonly PlannedChange[]): string {
  return changes.flatMap(({ name, to }) => (to === undefined ? [] : [`${name}-${to}`])).join(' ')
}

/** What is no version is older than everything. */
function isNewer(a: string, b: string): boolean {
  const [x, y] = [tryParseVersion(a), tryParseVersion(b)]
  return x !== undefined && (y === undefined || x.key > y.key)
}

function spell(name: string, version: string): string {
  return version === '' ? name : `${name}==${version}`
}

function origin({ directUrl, editable }: PlannedChange): string {
  if (directUrl === undefined) return ''
  return editable === true ? ` (editable, from ${directUrl})` : ` (from ${directUrl})`
}
