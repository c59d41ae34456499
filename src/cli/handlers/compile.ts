import { type BackgroundWork, compileInBackground } from '../../commands/compile-bytecode.ts'
import type { Handler } from '../options/option.ts'

/** den __compile WORK: started in the background by an install (commands/compile-bytecode.ts). */
export const handle: Handler = async ({ operands, host, signal }) => {
  const work = JSON.parse(operands[0] ?? '') as BackgroundWork
  await compileInBackground({ host, report: () => undefined, signal }, work)
  return 0
}
