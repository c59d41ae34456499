import { denVersion } from '../../../../base/version.ts'
import { aimAt } from '../../../../commands/pip-environment.ts'
import { variable } from '../../../../host/host.ts'
import { formatPythonVersion } from '../../../../python/interpreter.ts'
import { crossTarget, targetOf } from '../../../../python/target.ts'
import type { PipHandler } from '../context.ts'
import { pipVersion } from '../grammar.ts'
import { targetWishes } from '../install-request.ts'

/** Without -v no more tags than these are shown. */
const most = 10

/** pip debug */
export const handle: PipHandler = async (context) => {
  const { core, environment, host, say, options } = context
  context.warn('This command is only meant for debugging. Its output may change: no program should read it.')
  const { interpreter, executable } = await aimAt(core, environment)
  const target = targetOf(core, interpreter)
  say(`pip version: pip ${pipVersion}, by den ${denVersion}`)
  say(`sys.version: ${formatPythonVersion(interpreter.version)}`)
  say(`sys.executable: ${executable}`)
  say(`sys.platform: ${target.markers.sys_platform}`)
  say('sys.implementation:')
  say(`  name: ${target.markers.implementation_name}`)
  say(`'cert' config value: ${options.cert ?? 'Not specified'}`)
  for (const name of ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE']) {
    say(`${name}: ${variable(host, name) ?? 'None'}`)
  }
  say(`den's home: ${core.places.home}`)
  say(`den's cache: ${core.places.cache}`)
  const wishes = targetWishes(options)
  const asked = Object.keys(wishes).length > 0
  const { tags } = asked ? crossTarget(target, wishes) : target
  const given = [
    wishes.platforms === undefined ? [] : `platforms=${wishes.platforms.join(',')}`,
    wishes.pythonVersion === undefined ? [] : `version_info='${wishes.pythonVersion.join('.')}'`,
    wishes.abis === undefined ? [] : `abis=${wishes.abis.join(',')}`,
    wishes.implementation === undefined ? [] : `implementation='${wishes.implementation}'`,
  ].flat()
  say(`Compatible tags: ${tags.length}${asked ? ` (target: ${given.join(' ')})` : ''}`)
  const shown = options.verbose < 1 ? tags.slice(0, most) : tags
  for (const tag of shown) say(`  ${tag}`)
  if (shown.length < tags.length) say(`  ...\n  [First ${most} tags shown. Pass --verbose to show all.]`)
  return 0
}
