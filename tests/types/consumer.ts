// A consumer of the package: it only has to compile, against what is published, in the settings of today's projects.

import {
  type CreateResult,
  DenError,
  type DenEvent,
  diagnose,
  type ErrorDetails,
  type InstallRequest,
  isDenError,
  openSession,
  type PackageChange,
  type Session,
} from 'denpy'
import { type Environment, type EnvironmentPlan, readEnvironment, selectEnvironment } from 'denpy/env'
import { findPython, formatPythonVersion, type Interpreter } from 'denpy/python'
import { compareVersions, type PythonRequest, parsePythonRequest, parseVersion } from 'denpy/spec'

export async function makeEnvironment(signal: AbortSignal): Promise<string> {
  const seen: DenEvent['kind'][] = []
  const session: Session = openSession({ signal, report: (event) => void seen.push(event.kind) })
  try {
    const result: CreateResult = await session.create({ paths: ['.venv'], python: '>=3.10', seeds: { pip: 'bundle' } })
    const [first] = result.environments
    return first === undefined ? '' : `${first.root} ${first.version} ${first.seeds.join(' ')}`
  } finally {
    await session.close()
  }
}

export async function fill(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const request: InstallRequest = { packages: ['six'], environment: '.venv', upgrade: 'eager', signal }
  const change: PackageChange = await session.install(request)
  const { packages } = await session.installed({ environment: '.venv' })
  const { changes } = await session.history()
  const [last] = changes
  if (last !== undefined && change.change === last.number) await session.undo({ change: last.number, dryRun: true })
  await session.uninstall({ packages: packages.filter(({ requested }) => !requested).map(({ name }) => name) })
  const { files } = await session.download({ packages: ['six'], directory: 'wheels' })
  const resolved = await session.resolve({ packages: ['six'], indexStrategy: 'best-version', prereleases: ['six'] })
  return [...files.map(({ path }) => path), ...resolved.packages.flatMap(({ file }) => file?.filename ?? [])]
}

export function explainFailure(error: unknown): string {
  if (isDenError(error, 'python-not-found')) {
    // The code types the detail.
    const detail: ErrorDetails['python-not-found'] = error.detail
    return `${diagnose(error).what} ${Object.keys(detail).join(' ')}`
  }
  if (isDenError(error)) return `${error.code}: ${diagnose(error).fix.join('; ')}`
  return String(error)
}

export function onlyKnownCodes(): DenError {
  // @ts-expect-error: no such code
  return new DenError('no-such-code', {})
}

export async function noSuchOption(session: Session): Promise<void> {
  // @ts-expect-error: an option that is none
  await session.create({ pahts: ['.venv'] })
}

export const request: PythonRequest = parsePythonRequest('3.12')
export const newer: boolean = compareVersions(parseVersion('2.0'), parseVersion('1.0')) > 0

export async function which(session: Session): Promise<string> {
  const found: { readonly interpreter: Interpreter } = (await session.pythonFind({ request: '3' })).python
  return formatPythonVersion(found.interpreter.version)
}

export const parts: readonly unknown[] = [findPython, readEnvironment, selectEnvironment]
export type Shapes = readonly [Environment, EnvironmentPlan]
