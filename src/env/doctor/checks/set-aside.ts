// What pip puts aside before it replaces or removes a package, under the same name with `~` for its first letter, and deletes at the
// end. Where pip was cut short this is rubbish, or the only copy of the package.

import { ifReadable } from '../../quietly.ts'
import { recordRowPath } from '../../record-rows.ts'
import type { Found } from '../check.ts'
import type { Examination } from '../examination.ts'
import { word } from '../word.ts'

/** A package that was put aside: its old names, and what it is called. */
interface SetAside {
  readonly label: string
  readonly requirement: string
  readonly project: string
  /** Name with `~` to the name it had. */
  readonly entries: ReadonlyMap<string, string>
}

export function setAside(examination: Examination): readonly Found[] {
  const { environment, context, distributions } = examination
  const { files, path } = context.host
  const { purelib, root } = environment.paths
  const names = new Set((ifReadable(() => files.list(purelib)) ?? []).map(({ name }) => name))
  const aside = [...names].filter((name) => name.startsWith('~')).sort()
  const installed = new Set(distributions().map(({ name }) => normal(name)))
  const lost = aside
    .flatMap((name) => readSetAside(examination, name, aside))
    .filter((one) => !installed.has(one.project))
  const kept = new Set(lost.flatMap(({ entries }) => [...entries.keys()]))
  // Of what no record tells the name, the letter that is missing has to be there by another name.
  const isDouble = (name: string): boolean =>
    name.endsWith('.dist-info') || [...names].some((other) => other[0] !== '~' && other.slice(1) === name.slice(1))
  const rubbish = aside.filter((name) => !kept.has(name) && isDouble(name))
  const relative = (name: string): string => path.relative(root, path.join(purelib, name)).replaceAll('\\', '/')
  const found: Found[] = lost.map(({ label, requirement, entries }) => {
    const restorable = [...entries.values()].every((name) => !names.has(name))
    return {
      severity: 'error',
      what: `${label} is set aside in ${purelib} (${[...entries.keys()].join(', ')}) and not installed`,
      why: restorable
        ? 'pip was cut short between taking it away and putting another in its place; its files are all there under these names'
        : 'pip was cut short while it put another in its place, and parts of both are there',
      fix: restorable
        ? [`den repair ${word(root)}`]
        : [`${word(environment.paths.python)} -m pip install --force-reinstall --no-deps ${requirement}`],
      repair: restorable
        ? [...entries].map(([name, former]) => {
            return { kind: 'change', change: { kind: 'rename', path: relative(name), to: relative(former) } } as const
          })
        : [{ kind: 'reinstall', requirements: [requirement] }],
    }
  })
  if (rubbish.length === 0) return found
  return [
    ...found,
    {
      severity: 'warning',
      what: `${purelib} holds what an interrupted pip had put aside: ${rubbish.join(', ')}`,
      why: 'pip warns of an invalid distribution at every run because of it; the package itself has its own files',
      fix: [`den repair ${word(root)}`],
      repair: rubbish.map((name) => ({ kind: 'change', change: { kind: 'remove', path: relative(name) } })),
    },
  ]
}

/** The package of an aside .dist-info directory, by its own METADATA and RECORD; none for what is no such directory. */
function readSetAside({ environment, context }: Examination, name: string, aside: readonly string[]): SetAside[] {
  if (!name.endsWith('.dist-info')) return []
  const { files, path } = context.host
  const text = (file: string): string =>
    ifReadable(() => files.readText(path.join(environment.paths.purelib, name, file))) ?? ''
  const [, project] = /^Name:[ \t]*(\S+)/m.exec(text('METADATA')) ?? []
  const [, version] = /^Version:[ \t]*(\S+)/m.exec(text('METADATA')) ?? []
  if (project === undefined || version === undefined) return []
  const tops = new Set(
    text('RECORD')
      .split(/\r?\n/)
      .map((row) => recordRowPath(row).split('/')[0]!),
  )
  const entries = [...tops].flatMap((top): [string, string][] => {
    const moved = `~${top.slice(1)}`
    return top !== '' && top !== '..' && aside.includes(moved) ? [[moved, top]] : []
  })
  if (!entries.some(([moved]) => moved === name)) return []
  return [
    {
      label: `${project} ${version}`,
      requirement: `${project}==${version}`,
      project: normal(project),
      entries: new Map(entries),
    },
  ]
}

function normal(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}
