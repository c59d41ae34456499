// From findings to one list of changes. Steps of several findings may concern one file (pyvenv.cfg above all), so each step is worked
// out on top of what those before it have changed; RECORD comes last, when all bytes are known.

import { isDenError } from '../../base/error.ts'
import { inspectPython } from '../../python/inspect.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import { formatPyvenvCfg } from '../../spec/pyvenv-cfg.ts'
import { activationChanges } from '../activation-files.ts'
import { basePython } from '../base.ts'
import type { Change } from '../change.ts'
import type { Environment } from '../environment.ts'
import { environmentLayout } from '../layout/layout.ts'
import { ifReadable } from '../quietly.ts'
import { recordChanges } from '../record-changes.ts'
import { planRelocation } from '../relocate.ts'
import { rewriteFirstLine } from '../rewrite-script.ts'
import { isInside } from '../size.ts'
import type { Finding, RepairStep } from './check.ts'
import type { DoctorContext } from './examination.ts'

export interface RepairPlan {
  readonly root: string
  /** In the order in which they are made. */
  readonly changes: readonly Change[]
  /** Findings that the changes mend. */
  readonly mended: readonly Finding[]
  /** Findings for which den has no change: explained, and left to the reader. */
  readonly left: readonly Finding[]
  /** What has to be installed again: "name==version". */
  readonly reinstall: readonly string[]
}

// The base is chosen after the text of pyvenv.cfg is mended: a `home` that fits the old link must not stand beside the new one.
const order: readonly RepairStep['kind'][] = [
  'configuration',
  'configure',
  'relink',
  'relocate',
  'activation',
  'headers',
  'change',
]

/** Works out the repair. Nothing is changed here. Throws `permission-denied` where the environment can't be read. */
export async function planRepair(
  context: DoctorContext,
  environment: Environment,
  findings: readonly Finding[],
): Promise<RepairPlan> {
  const steps = findings.flatMap(({ repair }) => repair ?? [])
  const pending = new Map<string, Change>()
  for (const kind of order) {
    for (const step of steps.filter((candidate) => candidate.kind === kind)) {
      for (const change of await changesOf(context, environment, step, pending)) pending.set(change.path, change)
    }
  }
  const changes = [...pending.values()]
  const records = recordChanges(context.host, environment, changes)
  const isMended = ({ repair }: Finding): boolean =>
    repair !== undefined && repair.length > 0 && repair.every(({ kind }) => kind !== 'reinstall')
  return {
    root: environment.root,
    changes: [...changes, ...records],
    mended: findings.filter(isMended),
    left: findings.filter((finding) => !isMended(finding)),
    reinstall: [...new Set(steps.flatMap((step) => (step.kind === 'reinstall' ? step.requirements : [])))],
  }
}

async function changesOf(
  context: DoctorContext,
  environment: Environment,
  step: RepairStep,
  pending: ReadonlyMap<string, Change>,
): Promise<readonly Change[]> {
  const { host } = context
  switch (step.kind) {
    case 'relink':
      return await relink(context, environment, step.executable, pending)
    case 'configuration':
      return [cfgChange(host, environment, formatPyvenvCfg(step.pairs))]
    case 'configure':
      return [cfgChange(host, environment, configured(cfgText(host, environment, pending), step.values))]
    case 'relocate': {
      const changes = await planRelocation(context, { environment, from: step.from, to: environment.root })
      // The link and the settings that were chosen before stand.
      const wanted = changes.filter((change) => !pending.has(change.path) && !change.path.endsWith('/RECORD'))
      return wanted
    }
    case 'activation':
      return activationChanges(host, environment, environment.root).filter((change) => !pending.has(change.path))
    case 'headers':
      return headers(context, environment, step.scripts, pending)
    case 'change':
      return [step.change]
    // Packages are put in again by whoever has a store (commands/repair.ts).
    case 'packages':
    case 'reinstall':
      return []
  }
}

function cfgText(host: DoctorContext['host'], environment: Environment, pending: ReadonlyMap<string, Change>): string {
  const change = pending.get('pyvenv.cfg')
  if (change?.kind === 'write') return new TextDecoder().decode(change.bytes)
  return (host.files.readText(host.path.join(environment.root, 'pyvenv.cfg')) ?? '').replace(/^\ufeff/, '')
}

function cfgChange(host: DoctorContext['host'], environment: Environment, text: string): Change {
  const mode = host.files.lstat(host.path.join(environment.root, 'pyvenv.cfg'))?.mode ?? 0o644
  return { kind: 'write', path: 'pyvenv.cfg', bytes: new TextEncoder().encode(text), mode }
}

/** The text with these keys: on their first line where they have one, at the end where they have none. Comments and order stay. */
export function configured(text: string, values: Readonly<Record<string, string>>): string {
  // Refuses what would break out of its line.
  formatPyvenvCfg(Object.entries(values))
  const open = new Map(Object.entries(values))
  const lines = text.split(/\r\n|\n/)
  if (lines.at(-1) === '') lines.pop()
  const kept = lines.flatMap((line) => {
    const equals = line.indexOf('=')
    const key = equals === -1 ? '' : line.slice(0, equals).trim().toLowerCase()
    if (!(key in values)) return [line]
    const value = open.get(key)
    open.delete(key)
    return value === undefined ? [] : [`${key} = ${value}`]
  })
  return `${[...kept, ...[...open].map(([key, value]) => `${key} = ${value}`)].join('\n')}\n`
}

/** Everything that leads to the old base leads to the new one; what is there and works stays as it is. */
async function relink(
  context: DoctorContext,
  environment: Environment,
  executable: string,
  pending: ReadonlyMap<string, Change>,
): Promise<readonly Change[]> {
  const { host } = context
  const { files, path } = host
  const { root } = environment
  const interpreter = (await inspectPython(context, executable, { spawn: false })).interpreter
  if (interpreter === undefined) return []
  const base = basePython(host, interpreter)
  const changes = new Map<string, Change>()

  const copied = files.lstat(environment.paths.python)?.kind === 'file'
  const stale = copied || (await leadsElsewhere(context, environment, interpreter))
  for (const entry of layoutOf(host, interpreter, copied && interpreter.version.major === 3)) {
    const place = path.join(root, entry.path)
    const whole = files.stat(place) !== undefined
    if (entry.kind === 'directory') {
      if (!whole) changes.set(entry.path, { kind: 'directory', path: entry.path })
      continue
    }
    const inScripts = isInside(path, environment.paths.scripts, place)
    if (whole && !(stale && (inScripts || entry.kind === 'copy'))) continue
    if (entry.kind === 'link') changes.set(entry.path, { kind: 'link', path: entry.path, target: entry.target })
    if (entry.kind === 'copy') changes.set(entry.path, { kind: 'copy', path: entry.path, from: entry.from })
  }
  for (const change of danglingLinks(host, environment, interpreter)) {
    if (!changes.has(change.path)) changes.set(change.path, change)
  }
  const cfg = environment.cfg
  if (cfg !== undefined) {
    const facts: Readonly<Record<string, string>> = {
      version: numbers(interpreter),
      version_info:
        cfg.values.get('version_info')?.includes('.final.') === true
          ? `${numbers(interpreter)}.final.0`
          : numbers(interpreter),
      executable: interpreter.realExecutable,
      'base-prefix': interpreter.prefix,
      'base-exec-prefix': interpreter.execPrefix,
      'base-executable': base.executable,
    }
    const values = Object.fromEntries(Object.entries(facts).filter(([key]) => cfg.values.has(key)))
    const text = configured(cfgText(host, environment, pending), { home: base.home, ...values })
    changes.set('pyvenv.cfg', cfgChange(host, environment, text))
  } else if (environment.base.prefix !== undefined) {
    const relative = path.relative(root, path.join(environment.library, 'orig-prefix.txt')).replaceAll('\\', '/')
    changes.set(relative, {
      kind: 'write',
      path: relative,
      bytes: new TextEncoder().encode(interpreter.prefix),
      mode: 0o644,
    })
  }
  return [...changes.values()]
}

function numbers({ version }: Interpreter): string {
  return `${version.major}.${version.minor}.${version.micro}`
}

/** A layout that den has no environments for has nothing to be taken from; the links that dangle are mended all the same. */
function layoutOf(
  host: DoctorContext['host'],
  interpreter: Interpreter,
  copies: boolean,
): ReturnType<typeof environmentLayout> {
  try {
    return environmentLayout(host, { interpreter, base: basePython(host, interpreter), copies })
  } catch (error) {
    if (isDenError(error, 'environment-unsupported', 'interpreter-incomplete')) return []
    throw error
  }
}

/** Whether the executable works and yet runs another interpreter than the one that is to take its place. */
async function leadsElsewhere(context: DoctorContext, environment: Environment, wanted: Interpreter): Promise<boolean> {
  const { files } = context.host
  const real = ifReadable(() => files.realPath(environment.paths.python))
  return real !== undefined && real !== wanted.realExecutable
}

/** Links to the old base's files (virtualenv's for 2.7 has dozens) lead to the same files of the new one, where it has them. */
function danglingLinks(
  host: DoctorContext['host'],
  environment: Environment,
  interpreter: Interpreter,
): readonly Change[] {
  const { files, path } = host
  const { root, library, base } = environment
  const old = base.prefix ?? (base.home === undefined ? undefined : path.dirname(base.home))
  if (old === undefined) return []
  const changes: Change[] = []
  const visit = (directory: string, depth: number): void => {
    for (const { name, kind } of ifReadable(() => files.list(directory)) ?? []) {
      const place = path.join(directory, name)
      if (kind === 'directory' && depth > 0 && name !== 'site-packages') visit(place, depth - 1)
      if (kind !== 'link' || files.stat(place) !== undefined) continue
      const target = files.readLink(place)
      if (target === undefined || !path.isAbsolute(target) || !isInside(path, old, target)) continue
      const fresh = path.join(interpreter.prefix, path.relative(old, target))
      if (files.stat(fresh) === undefined) continue
      changes.push({ kind: 'link', path: path.relative(root, place).replaceAll('\\', '/'), target: fresh })
    }
  }
  visit(environment.paths.scripts, 0)
  visit(library, 1)
  visit(path.join(root, 'include'), 1)
  return changes
}

/** Scripts whose first line no system can read get the form that every system can. */
function headers(
  context: DoctorContext,
  environment: Environment,
  names: readonly string[],
  pending: ReadonlyMap<string, Change>,
): readonly Change[] {
  const { files, path, platform } = context.host
  const { root, paths } = environment
  return names.flatMap((name): Change[] => {
    const relative = path.relative(root, path.join(paths.scripts, name)).replaceAll('\\', '/')
    if (pending.has(relative)) return []
    const place = path.join(root, relative)
    const bytes = files.readBytes(place)
    if (bytes === undefined) return []
    const line = new TextDecoder().decode(bytes.subarray(2, Math.max(2, bytes.indexOf(10)))).trim()
    const python = isInside(path, paths.scripts, line) && files.stat(line) !== undefined ? line : paths.python
    const fresh = rewriteFirstLine(bytes, { platform, python })
    return [{ kind: 'write', path: relative, bytes: fresh, mode: files.lstat(place)?.mode ?? 0o755 }]
  })
}
