// What install, download, wheel and lock are asked for, read: words of the command line, requirements and constraints files with all
// they include, scripts (PEP 723), dependency groups (PEP 735), lock files (PEP 751).

import { DenError } from '../base/error.ts'
import { tryParseUrl } from '../base/safe-url.ts'
import { readRequirementsPlace, requirementsContextOf } from '../config/pip-surroundings.ts'
import type { WantedRequirement } from '../engine/resolve-request.ts'
import type { Host } from '../host/host.ts'
import type { Transport } from '../net/transport.ts'
import { isPylockName, parsePylockPlace } from '../spec/pylock-place.ts'
import { formatRequirement, type Requirement } from '../spec/requirement.ts'
import {
  parseRequirementsText,
  type ReadWish,
  type RequirementLine,
  type RequirementsContext,
  type RequirementsOptions,
} from '../spec/requirements-txt.ts'
import { parseEditableSource, parseRequirementSource, type RequirementSource } from '../spec/requirements-txt-source.ts'
import type { Core } from './core.ts'
import type { BuildWishes, FileChoice, WantedPackages } from './install-request.ts'

/** A lock file to install from: its address, and the extras asked of it. */
export interface WantedLock {
  readonly place: string
  readonly text: string
  readonly extras: readonly string[]
  readonly groups?: readonly string[]
}

export interface ReadPackages {
  readonly requirements: readonly WantedRequirement[]
  readonly constraints: readonly WantedRequirement[]
  readonly buildConstraints: readonly WantedRequirement[]
  readonly overrides: readonly Requirement[]
  readonly locks: readonly WantedLock[]
  /** What the files say about the whole run, one file after the other. */
  readonly options: readonly RequirementsOptions[]
  readonly warnings: readonly string[]
}

export interface ReadWanted {
  readonly wanted: WantedPackages
  readonly choice: Pick<FileChoice, 'noBinary' | 'onlyBinary' | 'allReleases' | 'onlyFinal'>
  readonly build: Pick<BuildWishes, 'constraintFiles'>
  /** For files that are addresses; opened when one is. */
  readonly transport: () => Promise<Transport>
}

const maxFileBytes = 32 * 2 ** 20

/** Reads all of it. Throws what the files' standards throw, and what fetching throws. */
export async function readWanted(core: Core, request: ReadWanted): Promise<ReadPackages> {
  const { host } = core
  const { wanted, transport } = request
  const around = requirementsContextOf(host)
  const read = reader(host, transport, wanted.standardInput)
  const requirements: WantedRequirement[] = []
  const constraints: WantedRequirement[] = []
  const buildConstraints: WantedRequirement[] = []
  const overriding: WantedRequirement[] = []
  const locks: WantedLock[] = []
  const options: RequirementsOptions[] = []
  const warnings: string[] = []

  for (const text of wanted.requirements) requirements.push(wantedOf(text, parseRequirementSource(text, around)))
  for (const text of wanted.editables) requirements.push(wantedOf(text, parseEditableSource(text, around)))

  const readFile = async (place: string, constraint: boolean, into: WantedRequirement[]): Promise<void> => {
    const context: RequirementsContext = {
      ...around,
      controls: {
        noBinary: request.choice.noBinary,
        onlyBinary: request.choice.onlyBinary,
        allReleases: request.choice.allReleases,
        onlyFinal: request.choice.onlyFinal,
      },
    }
    const file = await parseRequirementsText(place, context, read, { constraint })
    for (const line of file.lines) (line.constraint ? (constraint ? into : constraints) : into).push(wantedLine(line))
    if (into !== buildConstraints && into !== overriding) options.push(file.options)
    for (const { kind, text, from } of file.warnings)
      if (kind !== 'ignored') warnings.push(`${from.file}:${from.line}: ${warningWords[kind]}: ${text}`)
  }
  for (const place of wanted.requirementFiles) {
    const lock = parsePylockPlace(place)
    if (lock === undefined) await readFile(place, false, requirements)
    else {
      const at = /^(?:https?|file):/i.test(lock.file) ? lock.file : host.path.resolve(host.cwd, lock.file)
      locks.push({ place: at, text: await textAt(read, at), extras: lock.extras })
    }
  }
  for (const place of wanted.constraintFiles) await readFile(place, true, constraints)
  for (const place of wanted.overrideFiles ?? []) await readFile(place, false, overriding)
  for (const place of request.build.constraintFiles) await readFile(place, true, buildConstraints)
  for (const place of wanted.scripts) requirements.push(...(await scriptRequirements(host, place, read)))
  for (const { file, group } of wanted.groups) {
    const { basename } = host.path
    if (isPylockName(basename(file)))
      locks.push({
        place: host.path.resolve(host.cwd, file),
        text: await textAt(read, host.path.resolve(host.cwd, file)),
        extras: [],
        groups: [group],
      })
    else requirements.push(...(await groupRequirements(host, file, group)))
  }
  // A file's reader takes the marker off the requirement, as pip does.
  const overrides = overriding.flatMap(({ requirement, marker }) =>
    requirement === undefined ? [] : [marker === undefined ? requirement : { ...requirement, marker }],
  )
  return { requirements, constraints, buildConstraints, overrides, locks, options, warnings }
}

const warningWords = {
  'hash-without-requirement': 'a hash without a requirement is passed over',
  'missing-archive': 'this looks like an archive, and no such file is there',
  'guessed-encoding': 'the file is no UTF-8 and does not say what it is',
} as const

function wantedOf(text: string, source: RequirementSource): WantedRequirement {
  const { missing: _, ...rest } = source
  return { text, ...rest }
}

function wantedLine(line: RequirementLine): WantedRequirement {
  const { text, requirement, link, extras, marker, editable, hashes, configSettings, from } = line
  return {
    text,
    extras,
    editable,
    hashes,
    configSettings,
    from,
    ...(requirement === undefined ? {} : { requirement }),
    ...(link === undefined ? {} : { link }),
    ...(marker === undefined ? {} : { marker }),
  }
}

/** Where what comes on standard input stands, as it were: what it includes counts from the working directory. */
export function standardInputPlace({ path, cwd }: Pick<Host, 'path' | 'cwd'>): string {
  return path.resolve(cwd, '-')
}

type Read = (wish: Pick<ReadWish, 'place'>) => Promise<Uint8Array | string | undefined>

function reader(host: Host, transport: () => Promise<Transport>, standardInput?: Uint8Array): Read {
  return async ({ place }) => {
    if (standardInput !== undefined && place === standardInputPlace(host)) return standardInput
    if (!/^https?:/i.test(place)) return readRequirementsPlace(host, place)
    const url = tryParseUrl(place)
    if (url === undefined) return undefined
    const answer = await (await transport()).fetch({ url, maxBytes: maxFileBytes, compressed: true })
    return answer.status >= 400 ? undefined : answer.body
  }
}

async function textAt(read: Read, place: string): Promise<string> {
  const content = await read({ place })
  if (content === undefined) throw new DenError('requirements-file-missing', { path: place, constraint: false })
  return typeof content === 'string' ? content : new TextDecoder('utf-8').decode(content)
}

async function scriptRequirements(host: Host, place: string, read: Read): Promise<readonly WantedRequirement[]> {
  const { parseScriptMetadata } = await import('../spec/script-metadata.ts')
  const file = /^https?:/i.test(place) ? place : host.path.resolve(host.cwd, place)
  const metadata = parseScriptMetadata(await textAt(read, file), { file: place })
  if (metadata === undefined)
    throw new DenError('pip-options-refused', {
      command: 'pip install --requirements-from-script',
      because: `${place} has no "# /// script" block that would say what it requires`,
      fix: ['write one: # /// script … # /// (PEP 723)'],
    })
  return metadata.dependencies.map((requirement) => ({
    text: formatRequirement(requirement),
    requirement,
    extras: [],
    ...(requirement.url === undefined ? {} : { link: requirement.url }),
  }))
}

async function groupRequirements(host: Host, file: string, group: string): Promise<readonly WantedRequirement[]> {
  const [{ parsePyproject }, { parseDependencyGroups, resolveDependencyGroup }] = await Promise.all([
    import('../spec/pyproject.ts'),
    import('../spec/dependency-groups.ts'),
  ])
  const path = host.path.resolve(host.cwd, file)
  const text = host.files.readText(path)
  if (text === undefined) throw new DenError('requirements-file-missing', { path, constraint: false })
  const groups = parseDependencyGroups(parsePyproject(text, { file }).document)
  return resolveDependencyGroup(groups, group).map((requirement) => ({
    text: formatRequirement(requirement),
    requirement,
    extras: [],
    ...(requirement.url === undefined ? {} : { link: requirement.url }),
  }))
}
