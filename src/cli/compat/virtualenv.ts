// `virtualenv`, by den: its options, variables and virtualenv.ini, its words on stdout, its exit codes. What an option of its own
// machinery (plugins, embedded wheels, application data) means under den is said where it is read.

import { DenError, exitCodeOf, isDenError } from '../../base/error.ts'
import { denVersion } from '../../base/version.ts'
import type { CreatedResult, CreateRequest } from '../../commands/create.ts'
import { openSession } from '../../commands/session.ts'
import type { Shell } from '../../env/activation.ts'
import type { Invocation } from '../invocation.ts'
import { type Handler, type Option, type OptionValue, schemaOf } from '../options/option.ts'
import { virtualenvOptions as options } from '../options/peers.ts'
import { defined } from '../options/values.ts'
import { duration, renderPlans } from '../render/create.ts'
import { visible } from '../render/style.ts'
import { readVirtualenvSettings, type VirtualenvSettings } from './virtualenv-settings.ts'

/** The virtualenv whose command line this is. */
export const virtualenvLine = '21'

type Get = <Value extends OptionValue>(option: Option<Value>) => Value | undefined

/** den virtualenv dest */
export const handle: Handler = async (invocation) => {
  const { values, host, output } = invocation
  if (values.get(options.version) === true) {
    output.print(`virtualenv ${virtualenvLine} by den ${denVersion} from ${host.self?.join(' ') ?? 'den'}`)
    return 0
  }
  if (values.get(options.upgradeEmbedWheels) === true) {
    output.print('den embeds no wheels, so there are none to upgrade; for the latest pip use --download')
    return 0
  }
  const settings = readVirtualenvSettings(host, Object.values(options))
  for (const warning of settings.warnings) output.talk(`warning: ${visible(warning)}`)
  const get = getter(invocation, settings)
  try {
    return await make(invocation, get)
  } catch (error) {
    if (!isDenError(error)) throw error
    output.fail(error)
    if (get(options.withTraceback) === true && output.verbose < 2 && !output.json)
      output.talk(visible(error.stack ?? ''))
    if (exitCodeOf(error) === 130) return 130
    return refusedByParser.has(error.code) ? 2 : 1
  }
}

/** What virtualenv's own parser finds wrong with its arguments. */
const refusedByParser: ReadonlySet<string> = new Set([
  'environment-path-unusable',
  'environment-path-taken',
  'permission-denied',
  'bad-option-value',
])

/** The command line, else the variable, else the file. */
function getter({ values }: Invocation, settings: VirtualenvSettings): Get {
  return <Value extends OptionValue>(option: Option<Value>) =>
    // The settings hold under each option what its kind allows: virtualenv-settings.ts converts by kind.
    values.get(option) ?? (settings.values.get(option)?.value as Value | undefined)
}

async function make(invocation: Invocation, get: Get): Promise<number> {
  const { command, host, output, operands, signal } = invocation
  checkWords(get, invocation)
  const appData = get(options.appData) ?? (host.env['VIRTUALENV_OVERRIDE_APP_DATA'] || undefined)
  const session =
    appData === undefined
      ? invocation.session
      : openSession({ host, report: output.report, signal, places: { cache: host.path.resolve(host.cwd, appData) } })
  if (get(options.resetAppData) === true) await session.cacheClear()
  const started = performance.now()
  const request = requestOf(get, operands[0]!)
  const creator = get(options.creator) ?? 'builtin'
  if (creator !== 'builtin' && creator !== 'venv') {
    const [planned] = (await session.create({ ...request, dryRun: true })).environments
    refuseOtherCreator(creator, planned!, invocation)
  }
  const result = await session.create(request)
  const environment = result.environments[0]!
  if (output.json) output.document(schemaOf(command), result)
  else if (request.dryRun === true) output.print(renderPlans(result, host, output.style))
  else if (verbosity(invocation, get) >= 2) {
    output.print(summary({ environment, request, milliseconds: performance.now() - started, get, invocation }))
  }
  return 0
}

/** virtualenv's levels: 2 (warnings and the summary) unless said. */
function verbosity({ values }: Invocation, get: Get): number {
  const count = (option: Option<number>, usual: number): number => {
    const typed = values.typed(option) ? (values.get(option) ?? 0) : 0
    const configured = values.typed(option) ? undefined : get(option)
    return typed + (configured ?? usual)
  }
  return Math.max(0, count(options.verbose, 2) - count(options.quiet, 0))
}

function requestOf(get: Get, dest: string): CreateRequest {
  const redirect = get(options.venvRedirect)
  return {
    face: get(options.creator) === 'venv' ? 'venv' : 'virtualenv',
    paths: [dest],
    existing: get(options.clear) === true ? 'clear' : 'reuse',
    systemSitePackages: get(options.systemSitePackages) === true,
    copies: get(options.copies) === true,
    ignoreFiles: get(options.noVcsIgnore) !== true,
    redirect: redirect === undefined ? 'project' : redirect ? 'always' : 'never',
    seeds: seedsOf(get),
    dryRun: get(options.dryRun) === true,
    ...defined({
      python: nonEmpty(get(options.python)),
      tryFirstWith: nonEmpty(get(options.tryFirstWith)),
      searchDirectories: nonEmpty(get(options.extraSearchDir)),
      download: get(options.download) === false ? false : undefined,
      prompt: get(options.prompt),
      shells: shellsOf(get(options.activators)),
    }),
  }
}

function nonEmpty(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

function seedsOf(get: Get): NonNullable<CreateRequest['seeds']> {
  if (get(options.noSeed) === true) return {}
  const usual = get(options.download) === true ? 'latest' : 'bundle'
  const version = (option: Option<string>, left: Option<boolean>): string | false => {
    const given = get(option)?.trim()
    if (get(left) === true || given === 'none') return false
    return given === undefined || given === '' || given === 'bundle' || given === 'embed' ? usual : given
  }
  return {
    pip: version(options.pip, options.noPip),
    setuptools: version(options.setuptools, options.noSetuptools),
    wheel: version(options.wheel, options.noWheel),
  }
}

/** virtualenv's names for activation scripts, and den's for the same. */
const shellNames: Readonly<Record<string, Shell>> = {
  bash: 'bash',
  batch: 'batch',
  cshell: 'csh',
  fish: 'fish',
  nushell: 'nushell',
  powershell: 'powershell',
  python: 'python',
  xonsh: 'xonsh',
}

function shellsOf(names: readonly string[] | undefined): readonly Shell[] | undefined {
  return names?.map((name) => shellNames[name]!)
}

/** What the parser checks on the command line is checked here for variables and the file. Throws `bad-option-value`. */
function checkWords(get: Get, { values }: Invocation): void {
  const check = (option: Option, given: readonly string[]): void => {
    if (values.typed(option)) return
    for (const value of given) {
      if (option.choices?.includes(value)) continue
      throw new DenError('bad-option-value', {
        source: `--${option.name}, as a VIRTUALENV_ variable or virtualenv.ini sets it`,
        value,
        expected: `one of ${option.choices?.join(', ')}`,
        command: 'den virtualenv',
        suggestions: [],
      })
    }
  }
  for (const option of [options.discovery, options.creator, options.seeder]) {
    const value = get(option)
    if (value !== undefined) check(option, [value])
  }
  check(options.activators, get(options.activators) ?? [])
}

interface Summary {
  readonly environment: CreatedResult
  readonly request: CreateRequest
  readonly milliseconds: number
  readonly get: Get
  readonly invocation: Invocation
}

/** virtualenv's closing lines, which tools read. */
function summary({ environment, request, milliseconds, get, invocation }: Summary): string {
  const yes = (value: boolean | undefined): string => (value === undefined ? 'None' : value ? 'True' : 'False')
  const { root, implementation, version, seeds } = environment
  const name = peerNames[implementation] ?? implementation
  const details = [
    `dest=${root}`,
    `clear=${yes(request.existing === 'clear')}`,
    `no_vcs_ignore=${yes(request.ignoreFiles === false)}`,
    `venv_redirect=${yes(get(options.venvRedirect))}`,
    `global=${yes(request.systemSitePackages)}`,
  ]
  const lines = [
    `created virtual environment ${name}${longVersion(version)} in ${duration(milliseconds).replace(' ', '')}`,
    `  creator ${creatorName(environment, invocation)}(${details.join(', ')})`,
  ]
  if (seeds.length > 0) {
    lines.push(`  seeder den(download=${yes(get(options.download) === true)})`)
    lines.push(`    added seed packages: ${seeds.map((seed) => seed.replace(' ', '==')).join(', ')}`)
  }
  // Batch files are written for Windows only, unless asked for.
  const usual = (options.activators.choices ?? []).filter(
    (each) => each !== 'batch' || invocation.host.platform === 'win32',
  )
  const activators = get(options.activators) ?? usual
  if (activators.length > 0) lines.push(`  activators ${activators.map(activatorName).join(',')}`)
  return visible(lines.join('\n'))
}

/** "3.13.0.final.0", "3.14.0.alpha.7" */
function longVersion(version: string): string {
  const [, numbers, level, serial] = /^([\d.]+)(a|b|rc)?(\d+)?/.exec(version) ?? []
  const levels: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', rc: 'candidate' }
  return `${numbers ?? version}.${level === undefined ? 'final' : levels[level]}.${serial ?? 0}`
}

const peerNames: Readonly<Record<string, string>> = {
  cpython: 'CPython',
  pypy: 'PyPy',
  graalpy: 'GraalVM',
  rustpython: 'RustPython',
}

/** "CPython3Posix", "PyPy3Windows": as virtualenv calls the creator of such a Python. */
function creatorName({ implementation, version }: CreatedResult, { host }: Invocation): string {
  const name =
    { cpython: 'CPython', pypy: 'PyPy', graalpy: 'GraalPy', rustpython: 'RustPython' }[implementation] ?? implementation
  const system = host.platform === 'win32' ? 'Windows' : 'Posix'
  return `${name}${implementation === 'graalpy' ? '' : version.split('.')[0]}${system}`
}

/** A creator by name must be the one that the interpreter asks for, as in virtualenv. Throws `option-not-supported`. */
function refuseOtherCreator(creator: string, { implementation, version }: CreatedResult, { host }: Invocation): void {
  const major = implementation === 'graalpy' || implementation === 'rustpython' ? '' : version.split('.')[0]
  const system = host.platform === 'win32' ? 'win' : 'posix'
  const own = [
    `${implementation}${major}-${system}`,
    ...(host.platform === 'darwin'
      ? ['mac-framework', 'mac-brew'].map((name) => `${implementation}${major}-${name}`)
      : []),
  ]
  if (own.includes(creator)) return
  throw new DenError('option-not-supported', {
    option: `--creator ${creator}`,
    command: 'den virtualenv',
    reason: `the interpreter is ${implementation} ${version}, whose creator here is ${own.join(' or ')}`,
    instead: ['leave --creator away: the right one is taken'],
  })
}

function activatorName(name: string): string {
  const special: Readonly<Record<string, string>> = { cshell: 'CShell', powershell: 'PowerShell' }
  return `${special[name] ?? `${name[0]!.toUpperCase()}${name.slice(1)}`}Activator`
}
