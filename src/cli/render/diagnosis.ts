// How an error or a warning looks: what it is, why, and what to try. The words come from the catalogue (base/errors/).

import type { Diagnosis } from '../../base/error.ts'
import { type Style, visible } from './style.ts'

/** "error[code]: what", then why: and fix: lines; the text ends with a newline. */
export function renderDiagnosis(diagnosis: Diagnosis, kind: 'error' | 'warning', style: Style): string {
  const color = kind === 'error' ? style.red : style.yellow
  const lines = [`${style.bold(color(`${kind}[${diagnosis.code}]:`))} ${style.bold(indented(diagnosis.what, 2))}`]
  if (diagnosis.why !== undefined) lines.push(`  ${style.cyan(' why:')} ${indented(diagnosis.why, 8)}`)
  diagnosis.fix.forEach((fix, index) => {
    lines.push(`  ${index === 0 ? style.green(' fix:') : '  or:'} ${indented(fix, 8)}`)
  })
  return `${lines.join('\n')}\n`
}

function indented(text: string, columns: number): string {
  return visible(text).replaceAll('\n', `\n${' '.repeat(columns)}`)
}
