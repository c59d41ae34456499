import { findUnneeded } from '../../../../commands/autoremove.ts'
import { uninstall } from '../../../../commands/uninstall.ts'
import { openPrompt } from '../ask.ts'
import type { PipHandler } from '../context.ts'
import { refuseSilence } from '../refuse-silence.ts'
import { warnOfRoot } from '../root-warning.ts'

/** den pip autoremove */
export const handle: PipHandler = async (context) => {
  const { core, environment, options } = context
  const { unneeded, requested } = await findUnneeded(core, { environment })
  if (unneeded.length === 0) {
    context.answer({ removed: [], requested })
    context.say('Everything that is installed is needed')
    return 0
  }
  if (options.dry_run === true) {
    context.answer({ dryRun: true, removed: unneeded, requested })
    for (const { name, version } of unneeded) context.say(`Would uninstall ${name}-${version}`)
    return 0
  }
  if (options.yes !== true) {
    context.say('Nothing that was asked for needs these:')
    for (const { name, version } of unneeded) context.say(`    ${name} ${version}`)
    refuseSilence(context, 'pip autoremove')
    const prompt = openPrompt(context.output)
    const answer = await prompt.ask('Proceed (Y/n)? ', ['y', 'n', '']).finally(prompt.close)
    if (answer === 'n') return 0
  }
  const { removed, isVirtual } = await uninstall(core, {
    environment,
    names: unneeded.map(({ name }) => name),
    breakSystemPackages: options.override_externally_managed === true,
  })
  context.answer({ removed, requested })
  for (const { name, version } of removed) context.say(`Uninstalled ${name}-${version}`)
  warnOfRoot(context, isVirtual)
  return 0
}
