import { compileTrees } from '../../engine/compile-bytecode.ts'
import type { Handler } from '../options/option.ts'

/** den __compile STORE PYTHON VERSION TREE…: started in the background by an install (commands/compile-bytecode.ts). */
export const handle: Handler = async ({ operands, host, signal }) => {
  const [store = '', python = '', version = '', ...trees] = operands
  const [major, minor] = version.split('.').map(Number) as [number, number]
  await compileTrees(
    { host, report: () => undefined, signal },
    { store, python, version: { major, minor }, trees, gently: true },
  )
  return 0
}
