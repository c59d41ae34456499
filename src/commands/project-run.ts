// `den run`: which environment a program runs in, brought up to date first where it is a project's. A script that says what it needs has
// one of its own; `--with` lays another over; outside of all that it is the environment that is found from here.

import { DenError, diagnose, isDenError } from '../base/error.ts'
import { environmentPaths } from '../env/paths.ts'
import { activeElsewhere, isEnvironment, nearestEnvironment, type Selection, selectEnvironment } from '../env/select.ts'
import { isTomlTable } from '../format/toml.ts'
import type { ProjectLock } from '../project/lock-read.ts'
import type { Manifest } from '../project/manifest.ts'
import { findProject, noSettings } from '../project/read-manifest.ts'
import type { Interpreter } from '../python/interpreter.ts'
import type { Core } from './core.ts'
import { isFile, readEnvFiles } from './env-files.ts'
import type { LockChoices } from './lock-choices.ts'
import { type PackageChoices, packageChoices } from './package-choices.ts'
import type { PythonWish } from './project-environment.ts'
import type { EnvironmentChoices, SyncProjectResult } from './project-sync.ts'
import { planProgram, type RunPlan } from './run.ts'
import { asFile } from './run-program.ts'

/** What it says of packages holds for the project's environment, for a script's, and for what `with` names. */
export interface RunRequest extends PackageChoices {
  /** The program and its arguments. A Python file is run by Python; so is what an address gives, and `-`, standard input. */
  readonly command: readonly string[]
  /** The environment: a path or the name of a named one; the project's, else found by the rule of env/select.ts when left out. */
  readonly environment?: string | undefined
  readonly name?: string | undefined
  /** A module of Python's, instead of a program: python -m. */
  readonly module?: boolean
  /** A Python file, whatever its name ends with. */
  readonly script?: boolean
  /** What `-` stands for. */
  readonly standardInput?: string
  /** What the project's environment is to be, and its lock. What it has beside is left unless `exact`. */
  readonly sync?: EnvironmentChoices & LockChoices
  /** The environment is not brought up to date first: it and the lock are taken as they are. */
  readonly noSync?: boolean
  /** False: as if there were no project here. */
  readonly project?: false
  /** Where there is no environment, the Python that is asked for will do by itself. */
  readonly pythonAlone?: boolean
  /** In an environment of its own, with what the project's lock says. */
  readonly isolated?: boolean
  /** Packages for this run alone. */
  readonly with?: {
    readonly packages?: readonly string[]
    readonly editables?: readonly string[]
    readonly requirements?: readonly string[]
    /** What `-` among the files of requirements stands for. */
    readonly standardInput?: Uint8Array
  }
  /** Files of variables, the later over the earlier; `.env` beside the project's manifest unless said. None: none is read. */
  readonly envFiles?: readonly string[]
}

export interface PreparedRun extends RunPlan {
  /** What was done to the project's environment first. */
  readonly synced?: SyncProjectResult
}

/**
 * Brings the environment about and finds the program. Throws what syncing throws, `script-missing`, `env-file-missing`,
 * `environment-not-found`, `environment-broken`, `command-not-found`, `environment-without-pip`.
 */
export async function prepareRun(core: Core, request: RunRequest): Promise<PreparedRun> {
  const isNamed = request.environment !== undefined || request.name !== undefined
  const script = await scriptToRun(core, request)
  // Who names an environment means that one, whatever the script says it needs.
  const needs = isNamed ? undefined : script?.needs
  const looks = !isNamed && request.project !== false
  const project = !looks ? undefined : needs === undefined ? runningProject(core) : projectAround(core)
  const envFiles = envFilesOf(core, request, project)
  if (needs !== undefined) sayIfParts(core, request, needs)
  const base = await environmentFor(core, request, project, needs)
  const command = script?.command ?? request.command
  const plain = { command, ...(request.module === true ? { module: true } : {}), envFiles }
  const { packages = [], editables = [], requirements = [] } = request.with ?? {}
  const synced = base.synced === undefined ? {} : { synced: base.synced }
  const isLaidOver = packages.length + editables.length + requirements.length > 0
  const layer = isLaidOver ? await layerOver(core, request, base, project) : undefined
  const program = {
    ...plain,
    ...script?.program,
    ...(layer === undefined
      ? { selection: base.selection, ...(base.isEnvironment ? {} : { bare: true }) }
      : {
          selection: { ...base.selection, root: layer },
          ...(base.isEnvironment ? { under: base.selection.root } : {}),
        }),
  }
  try {
    return { ...planProgram(core, program), ...synced }
  } catch (error) {
    throw aboutUnbuilt(error, project)
  }
}

/** A project's own programs are there only where it is installed, which one that does not say how it is built never is. */
function aboutUnbuilt(error: unknown, project: Manifest | undefined): unknown {
  if (project === undefined || project.isPackage || !isDenError(error, 'command-not-found')) return error
  const standard = project.document.table['project']
  const scripts = isTomlTable(standard) ? standard['scripts'] : undefined
  if (!isTomlTable(scripts) || !Object.hasOwn(scripts, error.detail.command)) return error
  return new DenError('command-not-found', { ...error.detail, unbuilt: project.file }, { cause: error })
}

/**
 * The project whose environment is meant: one that says what it is, and not one whose pyproject.toml only has settings in it; no
 * environment of its own stands nearer.
 */
function runningProject(core: Core): Manifest | undefined {
  const { host } = core
  const manifest = findProject(host, host.cwd)
  if (manifest === undefined) return undefined
  const hasLock = host.files.stat(host.path.join(manifest.directory, 'pylock.toml')) !== undefined
  if (manifest.name === undefined && manifest.groups.groups.size === 0 && !hasLock) return undefined
  const nearest = nearestEnvironment(core)
  const isNearer = nearest !== undefined && nearest.directory.length > manifest.directory.length
  return isNearer ? undefined : manifest
}

/** The same for a script that says itself what it needs: a manifest that cannot be read is no reason not to run it. */
function projectAround(core: Core): Manifest | undefined {
  try {
    return runningProject(core)
  } catch (error) {
    if (!isDenError(error)) throw error
    core.report({ kind: 'note', text: `${diagnose(error).what}; the script runs without it` })
    return undefined
  }
}

interface BaseEnvironment {
  readonly selection: Selection
  /** False: an installation of Python, of which nothing is to be seen. */
  readonly isEnvironment: boolean
  readonly interpreter?: Interpreter
  readonly synced?: SyncProjectResult
  /** What the script says that it is for. */
  readonly script?: Manifest
  /** The script's. */
  readonly lock?: ProjectLock
}

/** A script has no parts, and no project. */
function sayIfParts({ report }: Core, { sync }: RunRequest, { name }: Pick<ScriptNeeds, 'name'>): void {
  if (sync === undefined) return
  const { extras, allExtras, groups, allGroups, onlyGroups } = sync.parts ?? {}
  const isAsked = [extras, allExtras, groups, allGroups, onlyGroups, sync.environment].some((one) => one !== undefined)
  if (isAsked)
    report({
      kind: 'note',
      text: `${name} says itself what it needs: extras, groups and the environment of a project count for nothing`,
    })
}

async function environmentFor(
  core: Core,
  request: RunRequest,
  project: Manifest | undefined,
  script: ScriptNeeds | undefined,
): Promise<BaseEnvironment> {
  if (script !== undefined) {
    const { scriptEnvironment } = await import('./script.ts')
    const lock = request.sync?.lock
    const wishes = {
      ...packageChoices(request),
      ...(lock === undefined ? {} : { lock }),
      ...(request.noSync === true ? { keepLock: true } : {}),
    }
    const { root, interpreter, manifest, locked } = await scriptEnvironment(core, script, wishes)
    const base = { script: manifest, selection: { root, by: 'path' as const }, isEnvironment: true, interpreter }
    return locked === undefined ? base : { ...base, lock: locked }
  }
  if (project !== undefined) return await projectBase(core, request, project)
  try {
    const selection = selectEnvironment(core, { path: request.environment, name: request.name })
    const { python } = request
    if (request.pythonAlone === true && python !== undefined) {
      const { parsePythonRequest } = await import('../spec/python-request.ts')
      await sayOtherPython(core, selection.root, {
        requests: [parsePythonRequest(python)],
        from: '--python',
        file: selection.root,
      })
    }
    return { selection, isEnvironment: true }
  } catch (error) {
    const isFree = request.with !== undefined || request.isolated === true || request.pythonAlone === true
    if (
      !isFree ||
      request.name !== undefined ||
      request.environment !== undefined ||
      !isDenError(error, 'environment-not-found')
    )
      throw aboutScript(core, request, error)
    const { findAsked } = await import('./asked-python.ts')
    const { interpreter } = await findAsked(core, request)
    return { selection: { root: interpreter.prefix, by: 'path' }, isEnvironment: false, interpreter }
  }
}

/** Who means to run a Python file, and has no environment, may need none. */
function aboutScript({ host }: Core, { command: [first = ''], module, ...named }: RunRequest, error: unknown): unknown {
  const isNamed = named.environment !== undefined || named.name !== undefined
  if (isNamed || module === true || !isDenError(error, 'environment-not-found')) return error
  if (!/\.pyw?$|^-$/.test(first) && named.script !== true) return error
  const isElsewhere = /^https?:\/\/|^-$/i.test(first)
  if (!isElsewhere && host.files.stat(host.path.resolve(host.cwd, first))?.kind !== 'file')
    return new DenError('script-missing', { script: first }, { cause: error })
  return new DenError('environment-not-found', { ...error.detail, script: first }, { cause: error })
}

async function projectBase(core: Core, request: RunRequest, project: Manifest): Promise<BaseEnvironment> {
  const { sync, noSync = false } = request
  const { host } = core
  const { projectEnvironmentRoot, pythonOfWish, pythonWish } = await import('./project-environment.ts')
  const root = sync?.environment
  const own = root === undefined ? projectEnvironmentRoot(host, project) : host.path.resolve(host.cwd, root)
  const elsewhere = activeElsewhere(core, own)
  const selection = (place: string): Selection => ({
    root: place,
    by: 'project',
    ...(elsewhere === undefined || request.isolated === true ? {} : { activeElsewhere: elsewhere }),
  })
  if (noSync && request.isolated !== true) {
    // Python and whatever else PATH has would run without the project's packages, and look as if they ran with them.
    if (!isEnvironment(core, own)) throw new DenError('environment-not-found', { looked: [own], project: true })
    if (request.python !== undefined) await sayOtherPython(core, own, pythonWish(core, project, request))
    return { selection: selection(own), isEnvironment: true }
  }
  const { syncProject } = await import('./project-sync.ts')
  const wishes = {
    exact: false,
    command: 'run',
    ...packageChoices(request),
    ...(noSync ? { lock: 'frozen' as const } : {}),
    ...sync,
    directory: project.directory,
  }
  if (request.isolated !== true) {
    const synced = await syncProject(core, wishes)
    return { selection: selection(synced.environment.root), isEnvironment: true, synced }
  }
  const [{ cachedEnvironmentRoot }, { formatFacts }, { openProject }] = await Promise.all([
    import('./cached-environment.ts'),
    import('./project-formats.ts'),
    import('./project-open.ts'),
  ])
  const { manifest } = await openProject(core, project.directory)
  const { interpreter } = await pythonOfWish(core, pythonWish(core, manifest, request))
  // What is of the right version there is left as it is, however it came about.
  const facts = ['isolated', project.directory, wishes.parts ?? {}, formatFacts(manifest, request)]
  const isolated = cachedEnvironmentRoot(core, interpreter, facts)
  await syncProject(core, { linkMode: 'instant', ...wishes, environment: isolated, exact: true })
  // Which Python it got it says itself: what only a build tells may have been known to nobody before.
  return { selection: selection(isolated), isEnvironment: true }
}

/** What is taken as it is may have another Python than was asked for, and nothing is done about that: but it is said. */
async function sayOtherPython(core: Core, root: string, wish: PythonWish): Promise<void> {
  const { lookAtEnvironment } = await import('./project-environment.ts')
  const seen = await lookAtEnvironment(core, root, wish).catch(() => undefined)
  if (seen?.kind === 'unfit') core.report({ kind: 'note', text: `${root} is taken as it is: ${seen.because}` })
}

async function layerOver(
  core: Core,
  request: RunRequest,
  base: BaseEnvironment,
  project: Manifest | undefined,
): Promise<string> {
  const { host } = core
  const { path, files } = host
  const [{ cachedEnvironment }, { readNamed }, { unlockedFacts, unlockedWish }, { inspectPython, brokenError }] =
    await Promise.all([
      import('./cached-environment.ts'),
      import('./named-packages.ts'),
      import('./unlocked-wish.ts'),
      import('../python/inspect.ts'),
    ])
  const [{ readEnvironment }, { findLock, preferredVersions }, { targetOf }] = await Promise.all([
    import('../env/environment.ts'),
    import('../project/lock-read.ts'),
    import('../python/target.ts'),
  ])
  const environment = base.isEnvironment ? readEnvironment(host, base.selection.root) : undefined
  let { interpreter } = base
  if (interpreter === undefined) {
    const place = environment?.paths.python ?? path.join(base.selection.root, 'bin', 'python')
    const found = await inspectPython(core, place)
    if (found.interpreter === undefined) throw brokenError(found)
    interpreter = found.interpreter
  }
  const paths = base.isEnvironment ? environmentPaths(interpreter, base.selection.root, path) : undefined
  const sites = paths === undefined ? [] : [...new Set([paths.purelib, paths.platlib])]
  const told = base.script ?? project
  const described = told ?? { file: '', directory: host.cwd, settings: noSettings }
  const choices = packageChoices(request)
  const lock = base.script !== undefined ? base.lock : project && findLock(host, project.directory)
  const plain = unlockedWish(core, described, choices, lock)
  const preferences = lock && preferredVersions(lock, targetOf(core, interpreter).markers)
  const wish = preferences === undefined ? plain : { ...plain, solving: { ...plain.solving, preferences } }
  const named = await readNamed(core, request.with ?? {}, told)
  const { root } = await cachedEnvironment(core, {
    interpreter,
    wish: { ...wish, ...named.wish },
    facts: [named.facts, unlockedFacts(core, described, choices, wish)],
    over: sites.filter((site) => files.stat(site) !== undefined),
    anew: choices.refresh === true,
  })
  return root
}

interface ScriptNeeds {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly metadata: NonNullable<import('./script.ts').Script['metadata']>
}

interface ScriptToRun {
  readonly command: readonly string[]
  /** What Python is told to run, where that is not the command itself. */
  readonly program?: { readonly python: readonly string[] }
  /** Where it says what it needs. */
  readonly needs?: ScriptNeeds
}

/** Bytes: the most that a command line holds as one word, with room to spare. */
const mostInline = 100_000

async function scriptToRun(core: Core, request: RunRequest): Promise<ScriptToRun | undefined> {
  const [first, ...rest] = request.command
  if (first === undefined || request.module === true) return undefined
  const isInput = first === '-' && request.standardInput !== undefined
  const isAddress = /^https?:\/\//i.test(first)
  const { host } = core
  const isFile =
    request.script === true ||
    (/\.pyw?$/.test(first) && host.files.stat(host.path.resolve(host.cwd, first))?.kind === 'file')
  if (!isInput && !isAddress && !isFile) return undefined
  // Of a file that has no such block nothing is read twice.
  if (
    isFile &&
    request.script !== true &&
    !/^\ufeff?# \/\/\/ script/m.test(host.files.readText(host.path.resolve(host.cwd, first)) ?? '')
  )
    return undefined
  const { readScript, sayUnclosed, writtenScript } = await import('./script.ts')
  const script = await readScript(core, first, isInput ? request.standardInput : undefined)
  if (script.metadata === undefined) sayUnclosed(core, script)
  const needs = script.metadata === undefined ? {} : { needs: { ...script, metadata: script.metadata } }
  if (isInput && Buffer.byteLength(script.text) < mostInline)
    return { command: request.command, program: { python: ['-c', script.text, ...rest] }, ...needs }
  const place = isInput || isAddress ? writtenScript(core, script) : asFile(first)
  return { command: [place, ...rest], program: { python: [place, ...rest] }, ...needs }
}

/** The files of variables, absolute: those that were named, or the project's own if there is one. What is odd in them is told. */
function envFilesOf(core: Core, { envFiles }: RunRequest, project: Manifest | undefined): readonly string[] {
  const { host } = core
  const own =
    project === undefined ? [] : [host.path.join(project.directory, '.env')].filter((file) => isFile(host, file))
  const files = envFiles?.map((place) => host.path.resolve(host.cwd, place)) ?? own
  for (const { file, line } of readEnvFiles(host, files).passed)
    core.report({ kind: 'note', text: `line ${line} of ${file} is no NAME=value and is passed over` })
  return files
}
