import { DenError } from '../../../../base/error.ts'
import type { PipHandler } from '../context.ts'

/** pip search: the protocol that it spoke is answered by no public index any more. */
export const handle: PipHandler = async ({ operands }) => {
  if (operands.length === 0) {
    throw new DenError('pip-options-refused', { command: 'pip search', because: 'no word to look for', fix: [] })
  }
  throw new DenError('search-gone', { query: operands.join(' ') })
}
