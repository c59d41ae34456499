// How a project's versions are chosen and where its packages come from: the options of every command that may lock.

import { parseAge, tryParseTime } from '../../base/age.ts'
import { DenError } from '../../base/error.ts'
import type { PackageChoices } from '../../commands/package-choices.ts'
import { askedPython, offline, python } from './common.ts'
import type { Option } from './option.ts'
import { defined, type Values } from './values.ts'

const since = '0.1.0'
const group = 'Where packages come from'

export const index: Option<readonly string[]> = {
  name: 'index',
  kind: 'list',
  value: 'URL',
  aliases: ['extra-index-url'],
  help: 'Ask this index before the project’s own and the default one; may be given again, the first goes first. den add writes it into the project; with NAME=URL, or the NAME of one that is there, what is added comes from it alone',
  group,
  since,
}

export const defaultIndex: Option<string> = {
  name: 'default-index',
  kind: 'text',
  value: 'URL',
  aliases: ['index-url'],
  help: 'The index that is asked last, in place of the project’s default one and of PyPI',
  group,
  since,
}

export const findLinks: Option<readonly string[]> = {
  name: 'find-links',
  short: 'f',
  kind: 'list',
  value: 'PLACE',
  help: 'A directory, or a page, with links to files',
  group,
  since,
}

export const noIndex: Option<boolean> = {
  name: 'no-index',
  kind: 'flag',
  help: 'Ask no index, only what --find-links names',
  group,
  since,
}

export const refresh: Option<boolean> = {
  name: 'refresh',
  kind: 'flag',
  help: 'Ask the indexes again, however fresh what the cache holds is',
  group,
  since,
}

const choice = 'How versions are chosen'

export const upgrade: Option<boolean> = {
  name: 'upgrade',
  short: 'U',
  kind: 'flag',
  help: 'Choose every version anew, whatever the lock has',
  group: choice,
  since,
}

export const upgradePackage: Option<readonly string[]> = {
  name: 'upgrade-package',
  short: 'P',
  kind: 'list',
  value: 'NAME',
  help: 'Choose the version of NAME anew; NAME==1.2 says which',
  group: choice,
  since,
}

export const resolution: Option<string> = {
  name: 'resolution',
  kind: 'text',
  value: 'WAY',
  choices: ['highest', 'lowest', 'lowest-direct'],
  help: 'Which versions are taken of those that will do: highest, lowest, or lowest of what is asked for by name',
  group: choice,
  since,
}

export const prerelease: Option<string> = {
  name: 'prerelease',
  kind: 'text',
  value: 'WHEN',
  choices: ['allow', 'disallow', 'if-necessary-or-explicit'],
  help: 'Whether pre-releases will do: allow, disallow, or where nothing else is there or one is asked for',
  group: choice,
  since,
}

export const forkStrategy: Option<string> = {
  name: 'fork-strategy',
  kind: 'text',
  value: 'WAY',
  choices: ['requires-python', 'fewest'],
  help: 'requires-python: the newest version for each Python; fewest: as few versions of a project as can be',
  group: choice,
  since,
}

export const excludeNewer: Option<string> = {
  name: 'exclude-newer',
  kind: 'text',
  value: 'TIME',
  help: 'Only files uploaded before: 2026-01-31, a moment, or an age such as "1 week"',
  group: choice,
  since,
}

export const minimumAge: Option<string> = {
  name: 'minimum-age',
  kind: 'text',
  value: 'AGE',
  help: 'Only files uploaded so long ago, such as "3 days", in place of the project’s minimum-age; 0 for files of any age',
  group: choice,
  since,
}

export const noBinary: Option<readonly string[]> = {
  name: 'no-binary-package',
  kind: 'list',
  value: 'NAME',
  commas: true,
  help: 'Take NAME as source only; :all: stands for every project',
  group: choice,
  since,
}

export const noBuild: Option<readonly string[]> = {
  name: 'no-build-package',
  kind: 'list',
  value: 'NAME',
  commas: true,
  help: 'Take NAME as a wheel only; :all: stands for every project',
  group: choice,
  since,
}

export const noBuildIsolation: Option<boolean> = {
  name: 'no-build-isolation',
  kind: 'flag',
  help: 'Build with what the chosen Python has installed',
  group: choice,
  since,
}

/** In the order that help shows them. */
export const resolutionOptions: readonly Option[] = [
  python,
  index,
  defaultIndex,
  findLinks,
  noIndex,
  refresh,
  offline,
  resolution,
  prerelease,
  forkStrategy,
  excludeNewer,
  minimumAge,
  noBinary,
  noBuild,
  noBuildIsolation,
]

const prereleases: Readonly<Record<string, 'allow' | 'never' | 'if-asked'>> = {
  allow: 'allow',
  disallow: 'never',
  'if-necessary-or-explicit': 'if-asked',
}

/** What these options come to. `now`: milliseconds since 1970. Throws `bad-option-value` for a time that is none. */
export function resolutionChoices(values: Values, command: string, now: number): PackageChoices {
  const time = values.get(excludeNewer)
  const age = values.get(minimumAge)
  const prereleaseWord = values.get(prerelease)
  return defined({
    ...askedPython(values),
    extraIndexes: values.get(index)?.map((word) => namedIndex(word).url),
    index: values.get(defaultIndex),
    findLinks: values.get(findLinks),
    noIndex: values.get(noIndex),
    refresh: values.get(refresh),
    offline: values.get(offline),
    strategy: values.get(resolution) as PackageChoices['strategy'],
    forkStrategy: values.get(forkStrategy) as PackageChoices['forkStrategy'],
    prereleases: prereleaseWord === undefined ? undefined : prereleases[prereleaseWord],
    excludeNewer: time === undefined ? undefined : timeOf(time, command, now),
    excludeNewerAge: time === undefined ? undefined : parseAge(time),
    minimumAge: age === undefined ? undefined : ageOf(age, command),
    noBinary: values.get(noBinary),
    onlyBinary: values.get(noBuild),
    noBuildIsolation: values.get(noBuildIsolation),
  })
}

/** "NAME=ADDRESS", or an address alone. */
export function namedIndex(word: string): { readonly name?: string; readonly url: string } {
  const [, name, url] = /^([A-Za-z0-9][\w.-]*)=(.+)$/s.exec(word) ?? []
  return name === undefined || url === undefined ? { url: word } : { name, url }
}

function timeOf(text: string, command: string, now: number): number {
  const moment = tryParseTime(text, now)
  if (moment !== undefined) return moment
  throw new DenError('bad-option-value', {
    source: '--exclude-newer',
    value: text,
    expected: 'a date (2026-01-31), a moment (2026-01-31T12:00:00Z) or an age ("1 week")',
    command,
    suggestions: [],
  })
}

function ageOf(text: string, command: string): number {
  const age = text.trim() === '0' ? 0 : parseAge(text)
  if (age !== undefined) return age
  throw new DenError('bad-option-value', {
    source: '--minimum-age',
    value: text,
    expected: 'a time ("3 days", "36 hours", "P3D") or 0',
    command,
    suggestions: [],
  })
}
