// Requirements files (`requirements.txt`, `constraints.txt`): pip's own format, which no standard describes. This follows pip 26.3,
// its quirks included where a file's meaning hangs on them; tests/e2e/peers/pip-files.test.ts compares the two.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'
import { strip } from '../format/python-text.ts'
import { normalizeName } from './name.ts'
import { reparse } from './reparse.ts'
import { decodeRequirements } from './requirements-txt-decode.ts'
import { type LogicalLine, requirementsLines } from './requirements-txt-lines.ts'
import { type LineOptions, type OptionUse, optionsStart, parseLineOptions } from './requirements-txt-options.ts'
import {
  parseEditableSource,
  parseRequirementSource,
  type RequirementSource,
  type Surroundings,
} from './requirements-txt-source.ts'

export interface LinePlace {
  /** The file or URL, as it was opened. */
  readonly file: string
  /** From 1; the first one of joined lines. */
  readonly line: number
}

export interface RequirementLine extends Omit<RequirementSource, 'missing'> {
  readonly kind: 'requirement'
  readonly hashes: readonly { readonly algorithm: string; readonly digest: string }[]
  readonly configSettings: ReadonlyMap<string, string | readonly string[]>
  /** From a file given with `-c`: it limits versions, and asks for nothing. */
  readonly constraint: boolean
  readonly from: LinePlace
  /** The requirement as the file has it, variables unreplaced. */
  readonly text: string
}

/** Which projects come in which form: normalized names, or `:all:`. */
export interface NameControls {
  readonly noBinary: ReadonlySet<string>
  readonly onlyBinary: ReadonlySet<string>
  readonly allReleases: ReadonlySet<string>
  readonly onlyFinal: ReadonlySet<string>
}

/** What the files say about the whole run. Values may hold credentials. */
export interface RequirementsOptions extends NameControls {
  /** Takes the place of every index given before, extra ones and those of the command line too. */
  readonly indexUrl?: string
  readonly extraIndexUrls: readonly string[]
  readonly noIndex: boolean
  /** Absolute where such a file stands beside the requirements file; else as written. */
  readonly findLinks: readonly string[]
  readonly preferBinary: boolean
  readonly pre: boolean
  readonly trustedHosts: readonly string[]
  readonly requireHashes: boolean
  readonly noRequireHashes: boolean
  readonly useFeatures: readonly string[]
}

/** What pip warns of, and (`ignored`) what it reads over without a word. Words for it: the code `requirements-doubtful`. */
export interface RequirementsWarning {
  readonly kind: 'hash-without-requirement' | 'missing-archive' | 'guessed-encoding' | 'ignored'
  readonly from: LinePlace
  /** What it is about, as written. */
  readonly text: string
}

export interface RequirementsFile {
  /** In the order in which pip meets them, those of included files where they are included. */
  readonly lines: readonly RequirementLine[]
  readonly options: RequirementsOptions
  readonly warnings: readonly RequirementsWarning[]
  /** Every file that was read, in order. */
  readonly files: readonly string[]
}

export interface RequirementsContext extends Surroundings {
  /** A variable of the environment, for `${NAME}`. */
  variable(name: string): string | undefined
  /** The encoding of the user's locale, for files that are no UTF-8 and don't say what they are. */
  readonly localeEncoding?: string
  /** What the command line said before of formats and releases: later options add to and take away from it. */
  readonly controls?: Partial<NameControls>
}

/** A file that is to be read: an absolute path or a URL (`http:`, `https:`, `file:`). */
export interface ReadWish {
  readonly place: string
  readonly constraint: boolean
  /** Who asks for it. */
  readonly from?: LinePlace
}

/** The file's bytes, or its text where the transport knew the encoding; undefined when it isn't there. */
export type FileContent = Uint8Array | string | undefined

/**
 * Reads a requirements file with all it includes. `read` gets absolute paths and URLs. Throws `invalid-requirements`, and
 * `requirements-file-missing`, `requirements-file-recursive`, `undecodable-file`.
 */
export async function parseRequirementsText(
  place: string,
  context: RequirementsContext,
  read: (wish: ReadWish) => FileContent | Promise<FileContent>,
  options: { readonly constraint?: boolean } = {},
): Promise<RequirementsFile> {
  const steps = requirementsSteps(place, context, options)
  for (let step = steps.next(); ; ) {
    if (step.done === true) return step.value
    step = steps.next(await read(step.value))
  }
}

/** The same for a reader that answers at once. */
export function parseRequirementsTextSync(
  place: string,
  context: RequirementsContext,
  read: (wish: ReadWish) => FileContent,
  options: { readonly constraint?: boolean } = {},
): RequirementsFile {
  const steps = requirementsSteps(place, context, options)
  for (let step = steps.next(); ; ) {
    if (step.done === true) return step.value
    step = steps.next(read(step.value))
  }
}

/** Yields each file to be read and takes its content. */
export function* requirementsSteps(
  place: string,
  context: RequirementsContext,
  options: { readonly constraint?: boolean } = {},
): Generator<ReadWish, RequirementsFile, FileContent> {
  const state: State = {
    lines: [],
    warnings: [],
    files: [],
    indexUrl: undefined,
    extraIndexUrls: [],
    noIndex: false,
    findLinks: [],
    noBinary: new Set(context.controls?.noBinary),
    onlyBinary: new Set(context.controls?.onlyBinary),
    allReleases: new Set(context.controls?.allReleases),
    onlyFinal: new Set(context.controls?.onlyFinal),
    preferBinary: false,
    pre: false,
    trustedHosts: [],
    requireHashes: false,
    noRequireHashes: false,
    useFeatures: [],
  }
  const wish: ReadWish = {
    place: isFileUrl(place) ? place : context.path.resolve(context.directory, place),
    constraint: options.constraint ?? false,
  }
  yield* readFile(wish, new Map([[wish.place, undefined]]), context, state)
  const { lines, warnings, files, indexUrl, ...rest } = state
  return { lines, warnings, files, options: indexUrl === undefined ? rest : { ...rest, indexUrl } }
}

/** Files that include each other deeper than this come from a server that makes them up. */
const deepest = 100

/** `--no-binary`, `--only-binary`, `--all-releases` and `--only-final`: adds names to one set and takes them from its opposite. */
export function applyNameControl(value: string, target: Set<string>, opposite: Set<string>): void {
  let names = value.split(',')
  for (let all = names.indexOf(':all:'); all !== -1; all = names.indexOf(':all:')) {
    opposite.clear()
    target.clear()
    target.add(':all:')
    names = names.slice(all + 1)
    // What follows :all: says nothing new, but for :none:.
    if (!names.includes(':none:')) return
  }
  for (const name of names) {
    if (name === ':none:') {
      target.clear()
      continue
    }
    const normalized = normalizeName(name)
    opposite.delete(normalized)
    target.add(normalized)
  }
}

interface State {
  readonly lines: RequirementLine[]
  readonly warnings: RequirementsWarning[]
  readonly files: string[]
  indexUrl: string | undefined
  extraIndexUrls: string[]
  noIndex: boolean
  readonly findLinks: string[]
  readonly noBinary: Set<string>
  readonly onlyBinary: Set<string>
  readonly allReleases: Set<string>
  readonly onlyFinal: Set<string>
  preferBinary: boolean
  pre: boolean
  readonly trustedHosts: string[]
  requireHashes: boolean
  noRequireHashes: boolean
  readonly useFeatures: string[]
}

function* readFile(
  wish: ReadWish,
  ancestors: ReadonlyMap<string, string | undefined>,
  context: RequirementsContext,
  state: State,
): Generator<ReadWish, void, FileContent> {
  const { place, constraint, from } = wish
  const content = yield wish
  if (content === undefined)
    throw new DenError('requirements-file-missing', {
      path: shownPlace(place),
      constraint,
      ...(from === undefined ? {} : { file: shownPlace(from.file), line: from.line }),
    })
  state.files.push(place)
  const { localeEncoding } = context
  const decoded =
    typeof content === 'string'
      ? { text: content, guessed: false }
      : decodeRequirements(content, {
          file: shownPlace(place),
          ...(localeEncoding === undefined ? {} : { localeEncoding }),
        })
  if (decoded.guessed)
    state.warnings.push({ kind: 'guessed-encoding', from: { file: place, line: 1 }, text: localeEncoding! })

  for (const line of requirementsLines(decoded.text, (name) => context.variable(name))) {
    const here: LinePlace = { file: place, line: line.number }
    const fail = failing(line, here)
    const start = optionsStart(line.text)
    const options = parseLineOptions(line.text, start, fail)
    applyControls(options.uses, state)
    const requirement = line.text.slice(0, start === line.text.length ? start : Math.max(0, start - 1))
    const values = (option: OptionUse['option']): string[] => valuesOf(options.uses, option)
    const editable = values('editable')[0]
    if (requirement !== '' || editable !== undefined) {
      const text = requirement === '' ? editable! : requirement
      addRequirement({ text, editable: editable !== undefined, line, here, constraint, options }, context, state, fail)
      continue
    }
    const [included] = [...values('requirement'), ...values('constraint')]
    if (included !== undefined) {
      const next = includedPlace(included, place, context)
      if (ancestors.has(next)) {
        const first = ancestors.get(next)
        throw new DenError('requirements-file-recursive', {
          path: shownPlace(next),
          file: shownPlace(here.file),
          line: here.line,
          ...(first === undefined ? {} : { first: shownPlace(first) }),
        })
      }
      if (ancestors.size > deepest) fail('files include each other too deep here', { start: 0, end: line.text.length })
      const nested = new Map(ancestors).set(next, place)
      const asConstraint = values('requirement').length === 0
      yield* readFile({ place: next, constraint: asConstraint, from: here }, nested, context, state)
      continue
    }
    applyOptionLine(options, here, line, context, state)
  }
}

function valuesOf(uses: readonly OptionUse[], option: OptionUse['option']): string[] {
  return uses.flatMap((use) => (use.option === option ? [use.value ?? ''] : []))
}

/** A path is relative to the file that includes it, a URL to the URL. */
function includedPlace(written: string, from: string, context: RequirementsContext): string {
  if (isFileUrl(from)) {
    try {
      return new URL(written, from).href
    } catch {
      return written
    }
  }
  return isFileUrl(written) ? written : context.path.resolve(context.path.dirname(from), written)
}

function isFileUrl(place: string): boolean {
  return /^(?:https?|file):/i.test(place)
}

/** These take effect wherever they stand, even behind a requirement; all other options do so only on a line of their own. */
function applyControls(uses: readonly OptionUse[], state: State): void {
  for (const { option, value } of uses) {
    if (value === undefined) continue
    if (option === 'no-binary') applyNameControl(value, state.noBinary, state.onlyBinary)
    else if (option === 'only-binary') applyNameControl(value, state.onlyBinary, state.noBinary)
    else if (option === 'all-releases') applyNameControl(value, state.allReleases, state.onlyFinal)
    else if (option === 'only-final') applyNameControl(value, state.onlyFinal, state.allReleases)
  }
}

function applyOptionLine(
  { uses, rest }: LineOptions,
  here: LinePlace,
  line: LogicalLine,
  context: RequirementsContext,
  state: State,
): void {
  const has = (option: OptionUse['option']): boolean => uses.some((use) => use.option === option)
  const values = (option: OptionUse['option']): string[] => valuesOf(uses, option)
  if (has('hash')) state.warnings.push({ kind: 'hash-without-requirement', from: here, text: line.written })
  if (rest.length > 0) state.warnings.push({ kind: 'ignored', from: here, text: line.written })
  if (has('require-hashes')) state.requireHashes = true
  if (has('no-require-hashes')) state.noRequireHashes = true
  if (has('prefer-binary')) state.preferBinary = true
  for (const feature of values('use-feature')) if (!state.useFeatures.includes(feature)) state.useFeatures.push(feature)
  state.trustedHosts.push(...values('trusted-host'))
  if (has('no-index')) {
    state.noIndex = true
    state.indexUrl = undefined
    state.extraIndexUrls = []
  }
  // Once there is to be no index, none can come back.
  if (!state.noIndex) {
    const index = values('index-url').at(-1)
    if (index !== undefined && index !== '') {
      state.indexUrl = index
      state.extraIndexUrls = []
    }
    state.extraIndexUrls.push(...values('extra-index-url'))
  }
  const [links] = values('find-links')
  if (links !== undefined) {
    const beside = isFileUrl(here.file) ? undefined : context.path.resolve(context.path.dirname(here.file), links)
    state.findLinks.push(beside !== undefined && context.look(beside) !== undefined ? beside : links)
  }
  if (has('pre')) {
    state.pre = true
    state.allReleases.add(':all:')
  }
}

interface FoundRequirement {
  readonly text: string
  readonly editable: boolean
  readonly line: LogicalLine
  readonly here: LinePlace
  readonly constraint: boolean
  readonly options: LineOptions
}

function addRequirement(
  { text, editable, line, here, constraint, options }: FoundRequirement,
  context: RequirementsContext,
  state: State,
  fail: (reason: string, span: Span) => never,
): void {
  const whole = { start: 0, end: line.text.length }
  if (constraint && editable) fail('a constraint cannot be editable', whole)
  const source = readSource(text, editable, line, context, fail)
  const { missing, ...asked } = source
  if (missing !== undefined) {
    const shown = line.written === line.text ? missing : line.written
    state.warnings.push({ kind: 'missing-archive', from: here, text: shown })
  }
  if (constraint && asked.requirement === undefined) fail('a constraint needs the name of the project', whole)
  if (constraint && asked.extras.length > 0) fail('a constraint cannot have extras', whole)

  const hashes: { algorithm: string; digest: string }[] = []
  const settings = new Map<string, string | readonly string[]>()
  let ignored = options.rest.length > 0
  for (const { option, value = '' } of options.uses) {
    if (option === 'config-settings') addSetting(settings, value)
    else if (option === 'hash' && !editable) {
      const colon = value.indexOf(':')
      hashes.push({ algorithm: value.slice(0, colon), digest: value.slice(colon + 1) })
    } else if (!/^(?:editable|no-binary|only-binary|all-releases|only-final)$/.test(option)) ignored = true
  }
  if (ignored) state.warnings.push({ kind: 'ignored', from: here, text: line.written })
  const written = line.written === line.text ? strip(text) : line.written.slice(0, optionsStart(line.written)).trimEnd()
  state.lines.push({
    kind: 'requirement',
    ...asked,
    hashes,
    configSettings: settings,
    constraint,
    from: here,
    text: written === '' ? line.written : written,
  })
}

/** What the parsers find wrong gets its place in the line. */
function readSource(
  text: string,
  editable: boolean,
  line: LogicalLine,
  context: RequirementsContext,
  fail: (reason: string, span: Span) => never,
): RequirementSource {
  const parse = editable ? parseEditableSource : parseRequirementSource
  return reparse(
    () => parse(text, context),
    (reason, span) => {
      const place = line.text.indexOf(text)
      return place === -1
        ? fail(reason, { start: 0, end: line.text.length })
        : fail(reason, { start: place + span.start, end: place + span.end })
    },
  )
}

/** A key given twice has a list of values. */
function addSetting(settings: Map<string, string | readonly string[]>, setting: string): void {
  const equals = setting.indexOf('=')
  const key = setting.slice(0, equals)
  const value = setting.slice(equals + 1)
  const before = settings.get(key)
  settings.set(key, before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value])
}

/** Errors show the line as written: what its variables held may be a secret, and its places are not those of the text. */
function failing(
  { written, text, secrets }: LogicalLine,
  { file, line }: LinePlace,
): (reason: string, span: Span) => never {
  return (said, span) => {
    const shown = written === text ? span : { start: 0, end: written.length }
    // A variable that is not set stays as it is written, and is then read as a part of the line.
    const unset = written.match(/\$\{[A-Z0-9_]+\}/g)?.find((reference) => text.includes(reference))
    const told = unset === undefined ? said : `${said}; the variable ${unset.slice(2, -1)} is not set`
    const reason = secrets.reduce((words, secret) => words.replaceAll(secret, '****'), told)
    throw new DenError('invalid-requirements', { source: written, span: shown, reason, file: shownPlace(file), line })
  }
}

/** A place without the credentials that a URL may hold. */
function shownPlace(place: string): string {
  return place.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1****@')
}
