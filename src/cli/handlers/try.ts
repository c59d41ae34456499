import { type Handler, schemaOf } from '../options/option.ts'
import { renderExplain } from '../render/explain.ts'
import { renderTry } from '../render/try.ts'

/** den try */
export const handle: Handler = async ({ command, session, output }) => {
  const result = await session.tryExample()
  const explanation = await session.explain({ path: result.root })
  if (output.json) output.document(schemaOf(command), { ...result, explanation })
  else {
    const { style } = output
    output.print(renderTry(result, { style, home: session.host.home, explained: renderExplain(explanation, style) }))
  }
  return 0
}
