import { noSpawn } from '../options/common.ts'
import { allPaths } from '../options/interpreters.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined } from '../options/values.ts'
import { renderPythons } from '../render/python.ts'

/** den python list [SPEC] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const all = values.get(allPaths) === true
  const result = await session.pythonList({
    all,
    ...defined({ request: operands[0], spawn: values.get(noSpawn) === true ? false : undefined }),
  })
  if (output.json) output.document(schemaOf(command), result)
  else if (result.pythons.length > 0)
    output.print(renderPythons(result.pythons, { all, style: output.style, home: session.host.home }))
  else
    output.talk(operands[0] === undefined ? 'no Python was found on this machine' : `no Python here is ${operands[0]}`)
  // As grep does: nothing found is an answer, and one that a script can test.
  return result.pythons.some(({ interpreter }) => interpreter !== undefined) ? 0 : 1
}
