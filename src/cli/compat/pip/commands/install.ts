import { type InstallResult, installPackages } from '../../../../commands/install.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { installRequest } from '../install-request.ts'
import { warnOfRoot } from '../root-warning.ts'

/** pip install PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { core, host, options, output } = context
  const request = installRequest(host, context)
  const result = await installPackages(core, request, { command: ['install', ...context.operands].join(' ') })
  for (const warning of result.warnings) context.warn(warning)
  for (const text of result.ignored) context.say(`Ignoring ${text}: markers don't match your environment`)
  for (const { name, version, location, requested } of result.satisfied)
    if (requested || context.verbosity > 0)
      context.say(`Requirement already satisfied: ${name} in ${location} (${version})`)
  if (request.report !== undefined) {
    const { installReport } = await import('../../../../commands/install-report.ts')
    const text = `${JSON.stringify(await installReport(core, result), undefined, 2)}\n`
    if (request.report === '-') output.print(text.trimEnd())
    else host.disk.writeAtomic(host.path.resolve(host.cwd, request.report), text)
  }
  const quietly = request.report === '-'
  const words = summary(result)
  if (request.dryRun) {
    if (words !== '' && !quietly) context.say(`Would install ${words}`)
    return 0
  }
  for (const { name, version } of result.applied?.removed ?? [])
    if (!quietly && context.verbosity >= 0) context.say(`Uninstalled ${name}-${version}`)
  if (words !== '' && !quietly) context.say(`Successfully installed ${words}`)
  warnOfRoot(context, result.aimed.isVirtual)
  warnOfPath(context, result, options.warn_script_location !== false && request.warnings.scriptsOutsidePath)
  return 0
}

/** "six-1.17.0 trio-0.30.0", by name. */
function summary({ plan }: InstallResult): string {
  return [...plan.install, ...plan.change.map(({ to }) => to), ...plan.reinstall.map(({ to }) => to)]
    .map(({ source, version }) => `${source.metadata?.rawName ?? source.name}-${version}`)
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .join(' ')
}

function warnOfPath(context: PipContext, result: InstallResult, wanted: boolean): void {
  // An environment's own scripts are found by activating it.
  if (!wanted || result.aimed.environment !== undefined) return
  const { host } = context
  const scripts = (result.applied?.installed ?? []).flatMap((one) => one.scripts)
  const path = (host.env['PATH'] ?? '').split(host.path.delimiter)
  if (scripts.length === 0 || path.includes(result.scripts)) return
  context.warn(
    `The script${scripts.length === 1 ? '' : 's'} ${scripts.join(', ')} ${scripts.length === 1 ? 'is' : 'are'} installed in '${result.scripts}' which is not on PATH.`,
  )
}
