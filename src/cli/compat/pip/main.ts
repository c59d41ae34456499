// `den pip …`: pip's command line, its variables and its files, on den's engine. Words on stdout that programs read are pip's; what goes
// wrong is told in den's way, with what to do about it; exit codes are pip's.

import { DenError, exitCodeOf, isDenError } from '../../../base/error.ts'
import { hideInJson } from '../../../base/safe-url.ts'
import { denVersion } from '../../../base/version.ts'
import type { Core } from '../../../commands/core.ts'
import { settleOpenChanges } from '../../../commands/settle.ts'
import { pipConfigItems, type ReadPipConfigOptions, readPipConfig } from '../../../config/pip-config.ts'
import type { Invocation } from '../../invocation.ts'
import type { Handler } from '../../options/option.ts'
import { diagnosisOf } from '../../output.ts'
import { type PipHandler, pipContext, workingCommands } from './context.ts'
import { environmentPrefix } from './environment-prefix.ts'
import { pipVersion } from './grammar.ts'
import { type PipLine, parsePipLine, pipExitCode } from './parse.ts'

/** Each command's module, loaded when it runs. */
const handlers: Readonly<Record<string, () => Promise<{ readonly handle: PipHandler }>>> = {
  autoremove: () => import('./commands/autoremove.ts'),
  cache: () => import('./commands/cache.ts'),
  check: () => import('./commands/check.ts'),
  compile: () => import('./commands/compile.ts'),
  completion: () => import('./commands/completion.ts'),
  config: () => import('./commands/config.ts'),
  debug: () => import('./commands/debug.ts'),
  download: () => import('./commands/download.ts'),
  freeze: () => import('./commands/freeze.ts'),
  hash: () => import('./commands/hash.ts'),
  help: () => import('./commands/help.ts'),
  index: () => import('./commands/index.ts'),
  inspect: () => import('./commands/inspect.ts'),
  install: () => import('./commands/install.ts'),
  list: () => import('./commands/list.ts'),
  lock: () => import('./commands/lock.ts'),
  search: () => import('./commands/search.ts'),
  show: () => import('./commands/show.ts'),
  sync: () => import('./commands/sync.ts'),
  tree: () => import('./commands/tree.ts'),
  uninstall: () => import('./commands/uninstall.ts'),
  upgrade: () => import('./commands/upgrade.ts'),
  wheel: () => import('./commands/wheel.ts'),
  why: () => import('./commands/why.ts'),
}

const program = 'den pip'

/** den pip ARGUMENTS… */
export const handle: Handler = async (invocation) => {
  const { host, output } = invocation
  const argv = upgradingAll(invocation.operands)
  if (host.env['PIP_AUTO_COMPLETE'] !== undefined) {
    const { completePip } = await import('./commands/completion.ts')
    return completePip(invocation)
  }
  const config = (options: ReadPipConfigOptions = {}) => readPipConfig(host, options)
  let line: PipLine
  try {
    const prefix = environmentPrefix(host, pythonAmong(argv).python)
    const at = prefix === undefined ? {} : { prefix }
    const configured = (command: string, isolated: boolean) => pipConfigItems(config({ ...at, isolated }), command)
    line = parsePipLine({ argv, host, configured, program })
  } catch (error) {
    if (!isDenError(error)) throw error
    const code = pipExitCode(error)
    if (code === 2 && !output.json) {
      const { renderPipUsage } = await import('./help.ts')
      const { commandNames } = await import('./parse.ts')
      output.talk(
        renderPipUsage(
          program,
          commandNames.find((name) => argv.includes(name)),
        ),
      )
    }
    output.fail(error)
    return code
  }
  if (line.kind === 'version') {
    output.print(await versionLine(invocation))
    return 0
  }
  if (line.kind === 'help') {
    const { renderPipCommandHelp, renderPipHelp } = await import('./help.ts')
    const { command } = line
    output.print(
      command === undefined
        ? renderPipHelp(program, output.columns())
        : renderPipCommandHelp(program, command, output.columns()),
    )
    return 0
  }
  const { command, options, operands, python } = line
  const core = coreOf(invocation)
  const wish = python === undefined ? {} : { python }
  const { lasts } = invocation
  const parts = { core, output, program, argv, config, command, options, operands, lasts, ...wish }
  const { context, finish } = pipContext(parts)
  try {
    await settleOpenChanges(core)
    // The parser knows no command that is not in the table above.
    const { handle } = await handlers[command]!()
    const code = await handle(context)
    finish()
    return code
  } catch (error) {
    // The runtime's own, from a wait that nobody of den's stood around.
    if (!isDenError(error) && invocation.signal?.aborted === true)
      throw new DenError('aborted', { operation: `pip ${command}` }, { cause: error })
    if (!isDenError(error)) throw error
    if (context.json && workingCommands.has(command))
      output.print(JSON.stringify({ schema: 'den.error/1', ...diagnosisOf(error), detail: error.detail }, hideInJson))
    else output.fail(error)
    if (isDenError(error, 'environment-required')) return 3
    return exitCodeOf(error) === 130 ? 130 : 1
  }
}

/**
 * `pip install --upgrade --all`, asked for since 2011. pip takes `--all` for the beginning of an option with a value, and refuses the line;
 * so nothing that pip does is taken away.
 */
function upgradingAll(argv: readonly string[]): readonly string[] {
  const [at, install] = [argv.indexOf('--all'), argv.indexOf('install')]
  const next = argv[at + 1]
  const upgrades = argv.some((word) => word === '--upgrade' || word === '-U')
  if (at < install || install === -1 || !upgrades || (next !== undefined && !next.startsWith('-'))) return argv
  return argv.flatMap((word, index) =>
    index === install ? ['upgrade'] : word === '--upgrade' || word === '-U' ? [] : [word],
  )
}

function coreOf({ host, session, output, signal }: Invocation): Core {
  return { host, places: session.places, report: output.report, signal }
}

/** Programs take "pip VERSION from PLACE (python VERSION)" apart: the pip that is followed, den's own place, the Python aimed at. */
async function versionLine(invocation: Invocation): Promise<string> {
  const { host } = invocation
  const place = host.self?.at(-1) ?? 'den'
  const { aimAt } = await import('../../../commands/pip-environment.ts')
  let python = ''
  try {
    const named = pythonAmong(invocation.operands)
    const { interpreter } = await aimAt(coreOf(invocation), { requireVirtual: false, isolated: false, ...named })
    python = ` (python ${interpreter.version.major}.${interpreter.version.minor})`
  } catch (error) {
    // Without an environment there is no Python to name.
    if (!isDenError(error)) throw error
  }
  return `pip ${pipVersion} from den ${denVersion} at ${place}${python}`
}

/** `--python X -V`: the parser ends at -V, before a command could say more. */
function pythonAmong(argv: readonly string[]): { readonly python?: string } {
  const at = argv.findLastIndex((word) => word === '--python' || word.startsWith('--python='))
  const value = at === -1 ? undefined : argv[at] === '--python' ? argv[at + 1] : argv[at]!.slice('--python='.length)
  return value === undefined ? {} : { python: value }
}
