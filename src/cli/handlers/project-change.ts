// What add, remove and upgrade have in common: which list is meant, and how what was done is told.

import type { ChangeResult } from '../../commands/project-change.ts'
import type { Invocation } from '../invocation.ts'
import { dryRun } from '../options/common.ts'
import { schemaOf } from '../options/option.ts'
import { dev, group, optional } from '../options/project-change.ts'
import { defined, type Values } from '../options/values.ts'
import { renderChange, renderHeld } from '../render/project-change.ts'

/** The list that the options name. */
export function listOf(values: Values): { readonly group?: string; readonly optional?: string } {
  return defined({ group: values.get(dev) === true ? 'dev' : values.get(group), optional: values.get(optional) })
}

/** A dry run's answer is what was asked for; of a change that was made, what is told is talk. */
export function tell({ command, values, host, output }: Invocation, result: ChangeResult): number {
  if (output.json) output.document(schemaOf(command), result)
  else {
    for (const warning of result.warnings) output.talk(`warning: ${warning}`)
    const isDry = values.get(dryRun) === true
    const text = renderChange(result, host, isDry ? output.style : output.talkStyle)
    if (isDry) output.print(text)
    else output.talk(text)
    const { held } = result
    if (held !== undefined) output.talk(() => renderHeld(held, output.talkStyle))
  }
  return 0
}
