import { DenError } from '../../base/error.ts'
import { depth, invert, sizes, treePython, universal } from '../options/lock-views.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { script } from '../options/project-script.ts'
import { partsRequest } from '../options/project-selection.ts'
import { defined, type Values } from '../options/values.ts'
import { renderTree, sayStale } from '../render/lock-views.ts'
import { chosenEnvironment } from './chosen-environment.ts'

/** den tree */
export const handle: Handler = async ({ command, values, operands, session, output }) => {
  const isInverted = values.get(invert) === true
  const result = await session.tree({
    ...chosenEnvironment(session, values, command),
    ...defined({
      names: operands,
      invert: isInverted ? true : undefined,
      depth: depthOf(values),
      universal: values.get(universal),
      sizes: values.get(sizes),
      python: values.get(treePython),
      script: values.get(script),
    }),
    parts: partsRequest(values, 'den tree'),
  })
  if (output.json) output.document(schemaOf(command), result)
  else {
    sayStale(result, output, values.get(script))
    for (const root of result.roots) output.print(renderTree(root, isInverted, output.style))
    for (const name of result.missing) output.talk(() => `${name} is not there`)
  }
  return result.missing.length > 0 ? 1 : 0
}

function depthOf(values: Values): number | undefined {
  const text = values.get(depth)
  if (text === undefined) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  throw new DenError('bad-option-value', {
    source: '--depth',
    value: text,
    expected: 'a whole number',
    command: 'den tree',
    suggestions: [],
  })
}
