import { DenError } from '../../../../base/error.ts'
import { strongDigest } from '../../../../host/hash.ts'
import type { PipHandler } from '../context.ts'
import { renderPipUsage } from '../help.ts'

/** pip hash FILE… */
export const handle: PipHandler = async (context) => {
  const { operands, host, options, output, program } = context
  if (operands.length === 0) {
    output.talk(renderPipUsage(program, 'hash'))
    return 1
  }
  const algorithm = options.algorithm ?? 'sha256'
  for (const file of operands) {
    const bytes = host.files.readBytes(host.path.resolve(host.cwd, file))
    if (bytes === undefined) throw new DenError('io-failed', { operation: 'read', path: file, errno: 'ENOENT' })
    context.say(`${file}:\n--hash=${algorithm}:${strongDigest(algorithm, bytes, 'hex')}`)
  }
  return 0
}
