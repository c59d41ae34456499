import { type TreeNode, tree } from '../../../../commands/tree.ts'
import { defined } from '../../../options/values.ts'
import type { PipHandler } from '../context.ts'

/** den pip tree [PACKAGE…] */
export const handle: PipHandler = async (context) => {
  const { core, environment, operands, options } = context
  const { roots, missing } = await tree(core, {
    environment,
    ...defined({ names: operands, invert: options.invert, depth: options.depth }),
  })
  if (context.json) context.answer({ roots, missing })
  else {
    for (const root of roots) for (const line of linesOf(root, options.invert === true)) context.say(line)
    if (missing.length > 0) context.warn(`Package(s) not found: ${missing.join(', ')}`)
  }
  return roots.length === 0 && missing.length > 0 ? 1 : 0
}

function linesOf(root: TreeNode, invert: boolean): readonly string[] {
  const lines = [label(root, invert)]
  const add = (node: TreeNode, before: string): void => {
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1
      lines.push(`${before}${last ? '└── ' : '├── '}${label(child, invert)}`)
      add(child, `${before}${last ? '    ' : '│   '}`)
    })
  }
  add(root, '')
  return lines
}

function label({ name, version, required, conflict, cycle }: TreeNode, invert: boolean): string {
  const parts = [`${name} ${version ?? '(not installed)'}`]
  if (required !== undefined && required !== '')
    parts.push(invert ? `(requires ${required})` : `(required: ${required})`)
  if (conflict === true) parts.push('(conflict)')
  if (cycle === true) parts.push('(see above)')
  return parts.join(' ')
}
