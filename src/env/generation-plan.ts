// The plan of an environment whose packages will be links: the same entries, with what packages share a directory with (bin and
// site-packages) in a first generation, so that not even the first install has to move anything.

import type { Host } from '../host/host.ts'
import { linkThroughNow, placeOf, sentinel, throughDirectories } from './generation.ts'
import type { EnvironmentPaths, PlanEntry } from './plan.ts'

const first = '.den/generations/1'

/** The entries in their new places, the links to them included. Parents come first, as before. */
export function withGeneration(
  host: Pick<Host, 'path'>,
  paths: EnvironmentPaths,
  entries: readonly PlanEntry[],
): readonly PlanEntry[] {
  const { path } = host
  const through = throughDirectories(host, paths)
  const relative = (place: string): string => path.relative(paths.root, place).split(path.sep).join('/')
  const [scripts, site] = [relative(paths.scripts), relative(paths.purelib)]
  const linked = new Set([scripts, site])
  const isInside = (entry: PlanEntry): boolean => linked.has(placeOf(entry.path, through))
  const directory = (place: string): PlanEntry => ({ kind: 'directory', path: place })
  const link = (place: string, target: string, isDirectory: boolean): PlanEntry => ({
    kind: 'link',
    path: place,
    target,
    ...(isDirectory ? { directory: true } : {}),
  })
  const outside = entries.filter((entry) => !isInside(entry))
  // pyvenv.cfg is the last of all entries and stays that.
  const last = outside.at(-1)!
  const libraries = outside.filter((entry) => /^lib\/lib[^/]*\.(?:so|dylib)[^/]*$/.test(entry.path))
  return [
    ...['.den', '.den/generations', first, `${first}/.den`, `${first}/.den/history`].map(directory),
    ...through.filter((place) => place !== '.den').map((place) => directory(`${first}/${place}`)),
    ...entries.filter(isInside).map((entry) => ({ ...entry, path: `${first}/${entry.path}` })),
    { kind: 'file', path: `${first}/${site}/${sentinel}`, text: '' },
    link(`${first}/pyvenv.cfg`, '../../../pyvenv.cfg', false),
    ...libraries.map((entry) => link(`${first}/${entry.path}`, `../../../../${entry.path}`, false)),
    link('.den/now', 'generations/1', true),
    ...outside.slice(0, -1),
    ...[...linked, '.den/history'].map((place) => link(place, linkThroughNow(place), true)),
    last,
  ]
}
