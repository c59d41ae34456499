// `den create`, `den venv` and `den virtualenv`: which Python, which places, what is there already; then one environment after another.

import { DenError, isDenError } from '../base/error.ts'
import { defaultSeeds, type SeedName, type SeedWishes, seedNames } from '../engine/seed-choice.ts'
import type { Shell } from '../env/activation.ts'
import { basePython } from '../env/base.ts'
import { differencesFrom, type EnvironmentSettings } from '../env/cfg.ts'
import { type CreateOptions, createEnvironment, refuseStanding } from '../env/create.ts'
import { denCommand, denCommandKey, refreshDenCommand } from '../env/den-command.ts'
import { denPipVersion } from '../env/den-pip.ts'
import { readEnvironment } from '../env/environment.ts'
import { type CreatedEnvironment, stageBeside } from '../env/make.ts'
import { namedRoot } from '../env/name.ts'
import { checkRoot, readStanding, type Standing, settlePlace } from '../env/place.ts'
import type { EnvironmentPaths, EnvironmentPlan } from '../env/plan.ts'
import { planEnvironment } from '../env/plan-environment.ts'
import { registerEnvironment } from '../env/registry.ts'
import { venvCommand } from '../env/venv-command.ts'
import { planRedirect, writeRedirect } from '../env/venv-redirect.ts'
import type { LinkMode } from '../install/linker.ts'
import type { ChosenPython } from '../python/find.ts'
import { formatPythonVersion, type Interpreter } from '../python/interpreter.ts'
import { findAsked } from './asked-python.ts'
import type { Core } from './core.ts'
import type { FilledEnvironments } from './create-filled.ts'
import type { PackagesWish } from './library-request.ts'

/**
 * What to put in: for each seed where from ("bundle", "embed", "latest") or a version, for pip also "den", den's own; false or absent
 * for nothing. Under the faces of venv and virtualenv setuptools and wheel named by where from go only into environments of Pythons whose
 * age wants them.
 */
export type SeedChoice = SeedWishes

export interface CreateRequest {
  /** Where to make environments, relative to the working directory; `.venv` when neither this nor `name` is given. */
  readonly paths?: readonly string[]
  /** A named environment, in DEN_HOME, instead of a path. */
  readonly name?: string
  /** Which Python ("3.12", "pypy3.10", a path); of several the first that is found. Absent: `.python-version`, else the first on PATH. */
  readonly python?: string | readonly string[]
  /** Who asks for it, where that is not the caller: a variable. */
  readonly pythonFrom?: string
  /** Executables to look at before all others. */
  readonly tryFirstWith?: readonly string[]
  /** False: refuse an interpreter that files don't describe, instead of asking it. */
  readonly spawn?: boolean
  readonly systemSitePackages?: boolean
  readonly copies?: boolean
  readonly relocatable?: boolean
  /** What the shell shows while it is active; "." is the working directory's name. Absent: the environment's directory's name. */
  readonly prompt?: string
  /**
   * What happens to an environment that is there. `keep` (the default): it is left as it is when it agrees with what is asked for, else
   * refused. `refuse`, `clear`, `upgrade` and `reuse` as in `createEnvironment`.
   */
  readonly existing?: 'keep' | 'refuse' | 'clear' | 'upgrade' | 'reuse'
  /** Nothing unless said. */
  readonly seeds?: SeedChoice
  /** The seeds are what goes into a new environment, and nothing that one which is there must have. */
  readonly seedsIfNew?: boolean
  /** Whether seeds may come from the index (yes unless said), and where else to look for their wheels. */
  readonly download?: boolean
  readonly offline?: boolean
  readonly searchDirectories?: readonly string[]
  /** `instant`: packages that are put in later will be links to whole trees of the store. */
  readonly linkMode?: LinkMode | 'instant'
  /** The shells to write activation scripts for; all unless said. */
  readonly shells?: readonly Shell[]
  /** .gitignore and CACHEDIR.TAG; yes unless said. */
  readonly ignoreFiles?: boolean
  /** A `.venv` file that leads to the environment (PEP 832): `project` writes one only where a pyproject.toml stands and no `.venv`. */
  readonly redirect?: 'always' | 'project' | 'never'
  /** Whose command line it was; venv's adds the `command` key to pyvenv.cfg. */
  readonly face?: 'den' | 'venv' | 'virtualenv'
  /** Nothing is changed; the results carry the plans. */
  readonly dryRun?: boolean
  /** Packages for all of them, chosen once: a new environment has them from the moment at which it is there. */
  readonly with?: PackagesWish
}

export interface CreateResult {
  /** The Python that was chosen and why; absent when every environment was there already and none was asked for. */
  readonly python?: { readonly executable: string; readonly version: string; readonly because: string }
  readonly environments: readonly CreatedResult[]
  /** What was put into each of those that are new; absent unless packages were asked for. */
  readonly packages?: readonly { readonly name: string; readonly version: string }[]
}

export interface CreatedResult {
  readonly root: string
  readonly name?: string
  /** The executable to call. */
  readonly python: string
  readonly scripts: string
  readonly version: string
  readonly implementation: string
  /** The base interpreter's executable; absent when an environment was kept that doesn't tell. */
  readonly base?: string
  readonly outcome: CreatedEnvironment['outcome'] | 'kept' | 'planned'
  readonly changed: boolean
  /** Directories, links and files made, without those that came from wheels. */
  readonly entries: number
  /** What was put in: "pip 24.2". */
  readonly seeds: readonly string[]
  /** The `.venv` file that was written. */
  readonly redirect?: string
  readonly milliseconds: number
  /** With `dryRun`. */
  readonly plan?: EnvironmentPlan
}

interface Place {
  readonly root: string
  readonly name?: string
  readonly standing: Standing
  readonly redirect?: string
}

/**
 * Makes environments. Everything that can be refused is refused before the first is begun. Throws what `createEnvironment` and
 * `findPython` throw, `environment-name-unusable`, `environment-prompt-unusable`, `venv-redirect-blocked`, and for an environment that is
 * kept `environment-exists` (with the differences) or `environment-broken`.
 */
export async function create(core: Core, request: CreateRequest = {}, filling: Filling = {}): Promise<CreateResult> {
  const { existing = 'keep' } = request
  const links = filling.fill !== undefined && request.linkMode === 'instant' ? { store: core.places.store } : {}
  const settings = { ...settingsFrom(core, request), ...links }
  const places = placesFor(core, request)
  const python = once(() => choosePython(core, request))
  for (const { root, standing } of places) refuseStanding(root, standing, existing)
  // What is kept is kept before anything else is made: a refusal leaves everything as it was.
  const kept = new Map<string, CreatedResult>()
  for (const place of places) {
    if (existing !== 'keep' || place.standing.kind !== 'environment') continue
    const interpreter = request.python === undefined ? undefined : (await python()).interpreter
    kept.set(place.root, keep(core, place, { request, settings, interpreter }))
  }
  const filled = await fillNew(core, { places, request, settings, python })
  const environments: CreatedResult[] = []
  for (const place of places) {
    const known = kept.get(place.root) ?? filled?.environments.get(place.root)
    environments.push(known ?? (await createOne(core, place, { request, settings, filling }, await python())))
  }
  await filled?.fill(environments.map(({ root }) => root))
  const chosen = await python.ifCalled()
  const packages = filled === undefined ? {} : { packages: filled.packages() }
  if (chosen === undefined) return { environments, ...packages }
  const { interpreter, because } = chosen
  const version = formatPythonVersion(interpreter.version)
  return { python: { executable: interpreter.executable, version, because }, environments, ...packages }
}

/** What goes into an environment before it has its name, besides seeds. */
export interface Filling {
  readonly fill?: (place: { readonly staged: string; readonly paths: EnvironmentPaths }) => Promise<void>
}

function isMadeAnew({ kind }: Standing, { existing }: CreateRequest): boolean {
  return kind === 'empty' || (kind === 'environment' && existing === 'clear')
}

interface Making {
  readonly places: readonly Place[]
  readonly request: CreateRequest
  readonly settings: Partial<EnvironmentSettings>
  readonly python: () => Promise<ChosenPython>
}

/** Those of the places where nothing stands get their environments with packages in them. Undefined where no packages are asked for. */
async function fillNew(
  core: Core,
  { places, request, settings, python }: Making,
): Promise<FilledEnvironments | undefined> {
  if (request.with === undefined) return undefined
  if (request.dryRun === true)
    throw new DenError('options-conflict', { first: '--dry-run', second: '--with', command: 'den create' })
  const { createFilled } = await import('./create-filled.ts')
  const fresh = places.filter(({ standing }) => standing.kind === 'nothing')
  const { linkMode } = request
  return await createFilled(core, {
    wish: request.with,
    ...(linkMode === undefined ? {} : { linkMode }),
    relocatable: settings.relocatable === true,
    roots: fresh.map(({ root }) => root),
    anew: places.filter(({ standing }) => isMadeAnew(standing, request)).map(({ root }) => root),
    begin: async (root, instant) => {
      const place = places.find((one) => one.root === root)!
      const store = instant ? { instant, store: core.places.store } : {}
      const making = beginOne(core, place, request, { ...settings, ...store }, await python())
      const staged = await stageBeside(core, making.options)
      return { staged, finish: making.finish }
    },
  })
}

function settingsFrom(core: Core, request: CreateRequest): Partial<EnvironmentSettings> {
  const { systemSitePackages, copies, relocatable, linkMode } = request
  const prompt = request.prompt === '.' ? core.host.path.basename(core.host.cwd) : request.prompt
  if (prompt !== undefined && /[\0\n\r\x85\u2028\u2029\v\f]/.test(prompt)) {
    const reason = 'it holds a line break or a NUL character, which no shell can show in a prompt of one line'
    throw new DenError('environment-prompt-unusable', { prompt, reason })
  }
  return {
    ...(systemSitePackages === undefined ? {} : { systemSitePackages }),
    ...(copies === undefined ? {} : { copies }),
    ...(relocatable === undefined ? {} : { relocatable }),
    ...(linkMode === 'instant' ? { instant: true } : {}),
    ...(prompt === undefined ? {} : { prompt }),
  }
}

function placesFor(core: Core, request: CreateRequest): readonly Place[] {
  const { host, places } = core
  const { path, cwd } = host
  const { name, paths = name === undefined ? ['.venv'] : [], redirect = 'never' } = request
  const roots = new Map<string, string | undefined>()
  // An empty path would be the working directory itself.
  for (const given of paths) roots.set(given === '' ? '' : path.resolve(cwd, given), undefined)
  if (name !== undefined) roots.set(namedRoot(host, places, name), name)
  return [...roots].map(([root, named]) => {
    if (root === '') throw new DenError('environment-path-unusable', { path: root, reason: 'it is empty' })
    checkRoot(host, root)
    const directory = named === undefined ? path.dirname(root) : cwd
    const file = redirect === 'never' ? undefined : planRedirect(core, { directory, root, when: redirect })
    return {
      root,
      standing: request.dryRun === true ? readStanding(core, root) : settlePlace(core, root, places.journal),
      ...(named === undefined ? {} : { name: named }),
      ...(file === undefined ? {} : { redirect: file }),
    }
  })
}

async function choosePython(core: Core, request: CreateRequest): Promise<ChosenPython> {
  const { python, pythonFrom, spawn, tryFirstWith } = request
  const options = {
    ...(spawn === undefined ? {} : { spawn }),
    ...(tryFirstWith === undefined ? {} : { tryFirstWith }),
  }
  const asked = typeof python === 'string' ? [python] : python === undefined || python.length === 0 ? [''] : python
  for (const [index, text] of asked.entries()) {
    try {
      return await findAsked(core, { python: text, pythonFrom }, options)
    } catch (error) {
      if (index === asked.length - 1 || !isDenError(error, 'python-not-found', 'python-broken')) throw error
    }
  }
  throw new Error('unreachable: the last request either found a Python or threw')
}

interface Wanted {
  readonly request: CreateRequest
  readonly settings: Partial<EnvironmentSettings>
  readonly interpreter: Interpreter | undefined
}

/** The environment that is there, if it is what was asked for. */
function keep(core: Core, { root, name }: Place, { request, settings, interpreter }: Wanted): CreatedResult {
  const { host } = core
  const environment = readEnvironment(host, root)
  if (environment === undefined) throw new DenError('environment-raced', { path: root })
  const { cfg, paths, problem, pythonVersion, implementation, base } = environment
  if (problem !== undefined) throw new DenError('environment-broken', { path: root, problem: problem.text })
  const differences = [
    ...(cfg === undefined ? ['it was made by an old virtualenv'] : []),
    ...(cfg === undefined
      ? []
      : differencesFrom(host, cfg, { settings, ...(interpreter === undefined ? {} : { interpreter }) })),
    ...seedNames
      .filter((seed) => request.seedsIfNew !== true && typeof request.seeds?.[seed] === 'string')
      .filter((seed) => host.files.stat(host.path.join(paths.purelib, seed)) === undefined)
      .map((seed) => `it has no ${seed}`),
    ...(request.seedsIfNew === true ? [] : otherPip(core, paths.purelib, request.seeds?.pip)),
  ]
  if (differences.length > 0) throw new DenError('environment-exists', { path: root, differences })
  if (request.dryRun !== true) refreshDenCommand(core, root)
  const { major, minor, micro } = pythonVersion ?? { major: 0, minor: 0, micro: undefined }
  return {
    root,
    ...(name === undefined ? {} : { name }),
    python: paths.python,
    scripts: paths.scripts,
    version: micro === undefined ? `${major}.${minor}` : `${major}.${minor}.${micro}`,
    implementation,
    ...(base.executable === undefined ? {} : { base: base.executable }),
    outcome: 'kept',
    changed: false,
    entries: 0,
    seeds: [],
    milliseconds: 0,
  }
}

/** The real pip is no substitute for den's, and den's is none for the real one. */
function otherPip({ host }: Core, site: string, wish: string | false | undefined): readonly string[] {
  const there = host.files.stat(host.path.join(site, 'pip')) !== undefined
  if (wish === undefined || wish === false || !there) return []
  const isOwn = host.files.stat(host.path.join(site, `pip-${denPipVersion}.dist-info`)) !== undefined
  if (isOwn === (wish === 'den')) return []
  return [isOwn ? "its pip is den's own" : "its pip is not den's own"]
}

async function createOne(
  core: Core,
  place: Place,
  making: Pick<Making, 'request' | 'settings'> & { readonly filling: Filling },
  chosen: ChosenPython,
): Promise<CreatedResult> {
  const { root } = place
  const { request, settings } = making
  const { interpreter } = chosen
  const { existing = 'keep' } = request
  const { options, planned, finish } = beginOne(core, place, request, settings, chosen, making.filling)
  if (request.dryRun === true) return planned()
  let created: CreatedEnvironment
  try {
    created = await createEnvironment(core, options)
  } catch (error) {
    // Another process was faster: what it made may be just what was asked for.
    if (existing !== 'keep' || !isDenError(error, 'environment-raced', 'environment-exists')) throw error
    if (readStanding(core, root).kind !== 'environment') throw error
    return keep(core, place, { request, settings, interpreter })
  }
  return finish(created)
}

/** How one environment is made, and what is to be done and said when it is there. */
interface MakingOne {
  readonly options: CreateOptions
  /** What a dry run says. */
  planned(): CreatedResult
  finish(created: CreatedEnvironment): CreatedResult
}

function beginOne(
  core: Core,
  place: Place,
  request: CreateRequest,
  settings: Partial<EnvironmentSettings>,
  { interpreter }: ChosenPython,
  filling: Filling = {},
): MakingOne {
  const { host, places } = core
  const { root, name } = place
  const { existing = 'keep', ignoreFiles = true, shells, dryRun = false } = request
  const started = performance.now()
  const { seeds, wheels, ...pip } = planSeeds(core, request, place.standing, interpreter)
  const command =
    request.face === 'venv' ? venvCommand(interpreter, basePython(host, interpreter), request, root) : undefined
  const plan = {
    root,
    interpreter,
    settings,
    seeds: seedNames.filter((seed) => seeds[seed] !== undefined),
    ignoreFiles,
    ...(shells === undefined ? {} : { shells }),
    ...(command === undefined ? {} : { command }),
    ...pip,
  }
  const version = formatPythonVersion(interpreter.version)
  const base = basePython(host, interpreter).executable
  const facts = {
    root,
    ...(name === undefined ? {} : { name }),
    version,
    implementation: interpreter.implementation,
    base,
  }
  const planned = (): CreatedResult => {
    const made = planEnvironment(host, plan)
    const { python, scripts } = made.paths
    return {
      ...facts,
      python,
      scripts,
      outcome: 'planned',
      changed: false,
      entries: made.entries.length,
      seeds: plan.seeds,
      milliseconds: performance.now() - started,
      plan: made,
    }
  }
  if (!dryRun) core.report({ kind: 'create.started', path: root, python: interpreter.executable })
  const early = pip.denPip === true ? [`pip ${denPipVersion}`] : []
  let seeded: readonly string[] = early
  const fill = async (where: { readonly staged: string; readonly paths: EnvironmentPaths }): Promise<void> => {
    const relocatable = settings.relocatable ?? false
    if (Object.keys(wheels).length > 0)
      seeded = [...early, ...(await seed(core, { request, seeds: wheels, interpreter, relocatable, ...where }))]
    await filling.fill?.(where)
  }
  const options: CreateOptions = {
    ...plan,
    standing: place.standing,
    existing: existing === 'keep' ? 'refuse' : existing,
    journal: places.journal,
    ...(Object.keys(wheels).length === 0 && filling.fill === undefined ? {} : { fill }),
  }
  const finish = (created: CreatedEnvironment): CreatedResult => {
    const { paths } = created.plan
    registerEnvironment(core, places.registry, {
      root,
      version,
      implementation: interpreter.implementation,
      base,
      created: host.now(),
      seeds: seeded,
      ...(name === undefined ? {} : { name }),
    })
    if (place.redirect !== undefined) writeRedirect(core, place.redirect, root)
    core.report({ kind: 'create.done', path: root })
    return {
      ...facts,
      python: paths.python,
      scripts: paths.scripts,
      outcome: created.outcome,
      changed: created.outcome !== 'refreshed' || created.entries > 0 || seeded.length > 0,
      entries: created.entries,
      seeds: seeded,
      ...(place.redirect === undefined ? {} : { redirect: place.redirect }),
      milliseconds: performance.now() - started,
    }
  }
  return { options, planned, finish }
}

interface SeedPlan {
  readonly seeds: Readonly<Partial<Record<SeedName, string>>>
  /** Those that are installed from wheels. */
  readonly wheels: Readonly<Partial<Record<SeedName, string>>>
  /** den's own pip is written with the environment itself. */
  readonly denPip?: true
  /** For pyvenv.cfg. */
  readonly denCommand?: string
}

function planSeeds({ host }: Core, request: CreateRequest, standing: Standing, interpreter: Interpreter): SeedPlan {
  const there = standing.kind === 'environment' && (request.existing === 'upgrade' || request.existing === 'reuse')
  const seeds = there && request.seedsIfNew === true ? {} : seedsFor(request, interpreter)
  // An upgrade writes pyvenv.cfg anew; den's pip, which reads it, may be there already.
  const isKnown = there && standing.cfg?.values.has(denCommandKey) === true
  const command = seeds.pip === 'den' || isKnown ? denCommand(host) : undefined
  // Over another pip, and where scripts are launchers, it comes as a wheel.
  const denPip = seeds.pip === 'den' && !there && interpreter.platform !== 'win32'
  const { pip: _, ...others } = seeds
  return {
    seeds,
    wheels: denPip ? others : seeds,
    ...(denPip ? { denPip } : {}),
    ...(command === undefined ? {} : { denCommand: command }),
  }
}

/** What is really to be put in, for this Python: what nobody wants any more falls away, and venv takes what the base brings. */
function seedsFor(
  { seeds = {}, face = 'den' }: CreateRequest,
  { version }: Interpreter,
): Readonly<Partial<Record<SeedName, string>>> {
  const usual = face === 'den' ? undefined : defaultSeeds(version, face)
  const wanted: Partial<Record<SeedName, string>> = {}
  for (const name of seedNames) {
    const wish = seeds[name]
    if (wish === undefined || wish === false) continue
    const byPlace = ['bundle', 'embed', 'latest'].includes(wish)
    if (usual !== undefined && byPlace && typeof usual[name] !== 'string') continue
    wanted[name] = face === 'venv' && wish === 'bundle' && version.major > 2 ? 'embed' : wish
  }
  return wanted
}

interface SeedPlace {
  readonly request: CreateRequest
  readonly seeds: SeedWishes
  readonly interpreter: Interpreter
  readonly relocatable: boolean
  readonly staged: string
  readonly paths: EnvironmentPaths
}

/** Loaded only when there is something to put in: reading wheels and talking to an index is most of den. */
async function seed(core: Core, place: SeedPlace): Promise<readonly string[]> {
  const { request, seeds, interpreter, relocatable, staged, paths } = place
  const { download, offline, searchDirectories, linkMode, face } = request
  const { seedEnvironment } = await import('../engine/seed.ts')
  const { installed } = await seedEnvironment(core, {
    interpreter,
    paths,
    staged,
    seeds,
    relocatable,
    ...(download === undefined ? {} : { download }),
    ...(offline === undefined ? {} : { offline }),
    ...(searchDirectories === undefined ? {} : { searchDirectories }),
    ...(linkMode === undefined || linkMode === 'instant' ? {} : { linkMode }),
    scriptNames: face === 'virtualenv' ? 'virtualenv' : 'pip',
  })
  return installed.map(({ name, version }) => `${name} ${version}`)
}

/** A question that is asked at most once. */
function once<Value>(
  ask: () => Promise<Value>,
): (() => Promise<Value>) & { readonly ifCalled: () => Promise<Value | undefined> } {
  let answer: Promise<Value> | undefined
  const call = (): Promise<Value> => {
    answer ??= ask()
    return answer
  }
  return Object.assign(call, { ifCalled: async () => answer })
}
