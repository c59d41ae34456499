import { type DenError, isDenError } from '../../../../base/error.ts'
import { conflictSentence } from '../../../../commands/conflicts.ts'
import { comingOf, type InstallOptions, type InstallResult, installPackages } from '../../../../commands/install.ts'
import type { InstallPackagesRequest } from '../../../../commands/install-request.ts'
import { writtenName } from '../../../../engine/resolve-request.ts'
import { type PipContext, type PipHandler, sayLines } from '../context.ts'
import { installRequest } from '../install-request.ts'
import { warnOfRoot } from '../root-warning.ts'

/** pip install PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { core, host } = context
  const request = installRequest(host, context)
  const options = { command: ['install', ...context.operands].join(' ') }
  try {
    return await tellInstalled(context, request, await installPackages(core, request, options))
  } catch (error) {
    const isOpen = request.place.kind === 'environment' && context.options.use_user_site === undefined
    if (!isDenError(error, 'permission-denied') || !isOpen || request.root !== undefined) throw error
    return await installForUser(context, { ...request, place: { kind: 'user' } }, options, error)
  }
}

/** As pip does it where an installation's own directories belong to somebody else. */
async function installForUser(
  context: PipContext,
  request: InstallPackagesRequest,
  options: InstallOptions,
  denied: DenError,
): Promise<number> {
  let result: InstallResult
  try {
    result = await installPackages(context.core, request, options)
  } catch (error) {
    // A virtual environment does not look into the user's directory: there the first error is the one to tell.
    throw isDenError(error, 'pip-options-refused') ? denied : error
  }
  if (request.report !== '-')
    context.say('Defaulting to user installation because normal site-packages is not writeable')
  return await tellInstalled(context, request, result)
}

/** What was done, as pip says it; writes the report that was asked for. */
export async function tellInstalled(
  context: PipContext,
  request: Pick<InstallPackagesRequest, 'dryRun' | 'report' | 'warnings'>,
  result: InstallResult,
): Promise<number> {
  const { core, host, options, output } = context
  if (result.isRecalled === true) context.lasts()
  for (const warning of result.warnings) context.warn(warning)
  const quietly = request.report === '-'
  const say = (text: string): void => {
    if (!quietly) context.say(text)
  }
  for (const text of result.ignored) say(`Ignoring ${text}: markers don't match your environment`)
  const satisfied = result.satisfied.filter(({ requested }) => requested || context.verbosity > 0)
  sayLines(
    { say },
    satisfied.map(
      ({ name, version, location }) => `Requirement already satisfied: ${name} in ${location} (${version})`,
    ),
  )
  if (request.report !== undefined) {
    const { installReport } = await import('../../../../commands/install-report.ts')
    const text = `${JSON.stringify(await installReport(core, result), undefined, 2)}\n`
    if (request.report === '-') output.print(text.trimEnd())
    else host.disk.writeAtomic(host.path.resolve(host.cwd, request.report), text)
  }
  context.answer(changeOf(result, request.dryRun))
  const words = summary(result)
  const leaving = result.plan.remove.map(({ name, version }) => `${name}-${version}`)
  if (request.dryRun) {
    if (leaving.length > 0) say(`Would uninstall ${leaving.join(' ')}`)
    if (words !== '') say(`Would install ${words}`)
    return 0
  }
  for (const line of changeLines(context, result)) say(line)
  if (words !== '') say(`Successfully installed ${words}`)
  if (result.conflicts.length > 0) {
    context.error(
      [
        'what was installed does not go together with what was there:',
        ...result.conflicts.map((problem) => conflictSentence(problem)),
      ].join('\n'),
    )
  }
  if (request.warnings.root) warnOfRoot(context, result.aimed.isVirtual)
  warnOfPath(context, result, options.warn_script_location !== false && request.warnings.scriptsOutsidePath)
  return 0
}

/** The change as data. */
function changeOf(result: InstallResult, dryRun: boolean): object {
  const { plan, aimed, satisfied, applied, conflicts, warnings } = result
  const before = new Map([...plan.change, ...plan.reinstall].map(({ from, to }) => [to.name, from[0]?.version]))
  return {
    environment: aimed.environment?.root ?? aimed.prefix,
    site: result.site,
    dryRun,
    installed: comingOf(plan).map(({ name, version, source }) => ({
      name: writtenName(source),
      version,
      from: before.get(name),
      requested: source.requested,
    })),
    removed: plan.remove.map(({ name, version }) => ({ name, version })),
    unchanged: satisfied.map(({ name, version }) => ({ name, version })),
    change: applied?.entry,
    linkMode: applied?.linkMode,
    conflicts: conflicts.map(conflictSentence),
    warnings,
  }
}

/** What went, in pip's words where something came in its place; told once all is done, since it is done all at once. */
function changeLines(context: PipContext, { plan, applied }: InstallResult): readonly string[] {
  if (applied === undefined) return []
  const coming = comingOf(plan)
  const replaced = new Set(coming.map(({ name }) => name))
  const gone = applied.removed
    .filter(({ name }) => !replaced.has(name))
    .map(({ name, version }) => `Uninstalled ${name}-${version}`)
  if (coming.length === 0 || context.output.drawsProgress()) return gone
  return [
    ...gone,
    `Installing collected packages: ${coming.map(({ source }) => writtenName(source)).join(', ')}`,
    ...applied.removed
      .filter(({ name }) => replaced.has(name))
      .flatMap(({ name, version }) => [
        `  Attempting uninstall: ${name}`,
        `    Found existing installation: ${name} ${version}`,
        `    Uninstalling ${name}-${version}:`,
        `      Successfully uninstalled ${name}-${version}`,
      ]),
  ]
}

/** "six-1.17.0 trio-0.30.0", by name. */
function summary({ plan }: InstallResult): string {
  return comingOf(plan)
    .map(({ source, version }) => `${writtenName(source)}-${version}`)
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .join(' ')
}

function warnOfPath(context: PipContext, result: InstallResult, wanted: boolean): void {
  // An environment's own scripts are found by activating it.
  if (!wanted || (result.aimed.environment !== undefined && isOwn(context, result))) return
  const { host } = context
  const scripts = (result.applied?.installed ?? []).flatMap((one) => one.scripts)
  const path = (host.env['PATH'] ?? '').split(host.path.delimiter)
  if (scripts.length === 0 || path.includes(result.scripts)) return
  const [names, is] = [scripts.length === 1 ? 'script' : 'scripts', scripts.length === 1 ? 'is' : 'are']
  context.warn(`The ${names} ${scripts.join(', ')} ${is} installed in '${result.scripts}' which is not on PATH.`)
}

function isOwn({ host }: PipContext, { aimed, scripts }: InstallResult): boolean {
  const relative = host.path.relative(aimed.prefix, scripts)
  return !relative.startsWith('..') && !host.path.isAbsolute(relative)
}
