// The changes of an environment's packages, a paragraph each, the newest first.

import type { HistoryChange, HistoryResult } from '../../commands/undo.ts'
import { type Style, visible } from './style.ts'

/** So many packages of one change are shown. */
const shownPackages = 12

export function renderHistory({ changes }: HistoryResult, style: Style): string {
  const width = String(changes[0]?.number ?? 0).length
  return changes.map((change) => lines(change, width, style).join('\n')).join('\n')
}

function lines(change: HistoryChange, width: number, style: Style): readonly string[] {
  const { number, time, command, packages, undone } = change
  const date = new Date(time).toISOString().replace('T', ' ').slice(0, 16)
  const said = visible(command ?? '')
  const head = `${style.bold(String(number).padStart(width))}  ${style.dim(date)}  ${said}`
  const more = packages.length - shownPackages
  return [
    undone ? `${head} ${style.dim('(undone)')}` : head,
    ...packages.slice(0, shownPackages).map((one) => `${' '.repeat(width)}  ${changeLine(one)}`),
    ...(more > 0 ? [`${' '.repeat(width)}  and ${more} more`] : []),
  ]
}

/** "app 1.0 → 2.0", "+ base 1.0", "- base 1.0". */
export function changeLine({
  name,
  was,
  is,
}: {
  readonly name: string
  readonly was?: string
  readonly is?: string
}): string {
  if (was === undefined) return `+ ${name} ${is}`
  return is === undefined ? `- ${name} ${was}` : `${name} ${was} → ${is}`
}
