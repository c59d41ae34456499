import { DenError } from '../../../../base/error.ts'
import { indexVersions } from '../../../../commands/index-versions.ts'
import { crossTarget, targetOf } from '../../../../python/target.ts'
import { defined } from '../../../options/values.ts'
import type { PipHandler } from '../context.ts'
import { fileChoice, targetWishes } from '../install-request.ts'
import { openSource } from '../latest.ts'
import { pythonJson } from '../python-json.ts'

/** pip index versions PACKAGE */
export const handle: PipHandler = async (context) => {
  const { operands, core, environment, options } = context
  const [action, name, ...more] = operands
  if (action !== 'versions') {
    context.error('Need an action (versions) to perform.')
    return 1
  }
  if (name === undefined || more.length > 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip index versions',
      because: name === undefined ? 'no package is named' : 'it takes one package',
      fix: ['den pip index versions PACKAGE'],
    })
  }
  const wishes = targetWishes(options)
  const source = openSource(context)
  try {
    const { versions, latest, latestIsPrerelease, installed } = await indexVersions(core, {
      environment,
      name,
      source,
      choice: fileChoice(context),
      targetOf: ({ aimed }) => {
        const own = targetOf(core, aimed.interpreter)
        return Object.keys(wishes).length === 0 ? own : crossTarget(own, wishes)
      },
    })
    if (options.json === true || context.json) {
      context.raw(pythonJson(defined({ name, versions, latest, installed_version: installed })))
      return 0
    }
    context.say(`${name} (${latest})`)
    context.say(`Available versions: ${versions.join(', ')}`)
    if (installed !== undefined) {
      context.say(`  INSTALLED: ${installed}`)
      const hint = latestIsPrerelease ? ' (pre-release; install with `pip install --pre`)' : ''
      context.say(`  LATEST:    ${latest}${hint}`)
    }
    return 0
  } finally {
    source.close()
  }
}
