// What the lock's views show: trees, ways to a package, a table of newer releases.

import { shellWord } from '../../base/shell-word.ts'
import type { OutdatedResult } from '../../commands/lock-outdated.ts'
import type { LockTreeNode } from '../../commands/lock-tree.ts'
import { askerLabel, type WhyLink, type WhyPackage } from '../../commands/lock-why.ts'
import type { Output } from '../output.ts'
import { type Style, visible } from './style.ts'
import { formatBytes, renderTable } from './table.ts'

/** Says that the lock is not what the project, or this script, asks for, or that a script has none; and goes on. */
export function sayStale(
  { stale, unlocked }: { readonly stale: readonly string[]; readonly unlocked?: true },
  output: Pick<Output, 'talk'>,
  script?: string,
): void {
  const command = script === undefined ? 'den lock' : `den lock --script ${shellWord(script)}`
  // What lies at an address gets none.
  const how = /^https?:/i.test(script ?? '') ? '' : ` (${command})`
  if (unlocked === true) output.talk(() => visible(`note: ${script} has no lock${how}: this is what it would get now`))
  else if (stale.length > 0)
    output.talk(() => visible(`note: the lock is out of date (${stale.join('; ')}): ${command}`))
}

export function renderTree(root: LockTreeNode, invert: boolean, style: Style): string {
  const lines = [nodeLine(root, invert, style)]
  const add = (node: LockTreeNode, before: string): void => {
    node.children.forEach((child, index) => {
      const isLast = index === node.children.length - 1
      lines.push(`${style.dim(`${before}${isLast ? '└── ' : '├── '}`)}${nodeLine(child, invert, style)}`)
      add(child, `${before}${isLast ? '    ' : '│   '}`)
    })
  }
  add(root, '')
  return lines.join('\n')
}

function nodeLine(node: LockTreeNode, invert: boolean, style: Style): string {
  const { name, version, required, extras, marker, extra, group, size, total, seen, absent, conflict } = node
  const asked = extras === undefined ? '' : `[${extras.join(',')}]`
  const parts = [
    `${style.bold(visible(name))}${invert ? '' : asked}`,
    ...(version === undefined ? [] : [version]),
    ...(absent === true ? ['(not installed)'] : []),
    ...(required === undefined ? [] : [style.dim(invert ? `(asks for ${asked}${required})` : required)]),
    ...(extra === undefined ? [] : [style.dim(`(extra ${extra})`)]),
    ...(group === undefined ? [] : [style.dim(`(group ${group})`)]),
    ...(marker === undefined ? [] : [style.dim(`; ${marker}`)]),
    ...(size === undefined ? [] : [`[${formatBytes(size)}]`]),
    ...(total === undefined || total === size ? [] : [style.dim(`(${formatBytes(total)} in all)`)]),
    ...(conflict === true ? [style.red('(conflict)')] : []),
    ...(seen === true ? [style.dim('(see above)')] : []),
  ]
  return parts.join(' ')
}

export function renderWhy(one: WhyPackage, style: Style): string {
  const { name, version, marker, chains, limits, latest } = one
  const lines = [
    `${style.bold(visible(name))}${version === undefined ? '' : ` ${version}`}${marker === undefined ? '' : style.dim(` ; ${marker}`)}`,
    ...chains.map((chain) => `  ${chain.map((link) => linkText(link, style)).join(style.dim(' → '))}`),
  ]
  if (chains.length === 0) lines.push('  nobody asks for it')
  if (limits.length > 0) {
    lines.push('its version is held by')
    lines.push(
      ...limits.map(
        ({ by, asks, marker: where }) =>
          `  ${visible(by)}: ${name}${asks}${where === undefined ? '' : style.dim(` ; ${where}`)}`,
      ),
    )
  }
  if (latest !== undefined) {
    if (latest.version === version) lines.push('it is the newest release there is')
    else if (latest.because.length > 0) {
      lines.push(`the newest release is ${latest.version}, and`)
      lines.push(...latest.because.map((reason) => `  ${visible(reason)}`))
    } else {
      lines.push(`the newest release is ${latest.version}, and only the lock holds it: den upgrade ${name}`)
    }
  }
  return lines.join('\n')
}

function linkText(link: WhyLink, style: Style): string {
  const { asks, marker } = link
  const more = [...(asks === undefined ? [] : [asks]), ...(marker === undefined ? [] : [`; ${marker}`])].join(' ')
  return `${visible(askerLabel(link))}${more === '' ? '' : ` ${style.dim(`(${more})`)}`}`
}

/** No cell is empty but those of columns that only some rows need, at the end. */
export function renderOutdated({ packages }: OutdatedResult, style: Style): string {
  const rows = packages.map(({ name, locked, wanted, latest, direct, marker, because }) => [
    direct ? style.bold(name) : name,
    locked,
    wanted === locked ? style.dim(locked) : style.green(wanted),
    latest === wanted ? style.dim(latest) : style.yellow(latest),
    because.length === 0 && marker === undefined
      ? ''
      : style.dim([...because.map(visible), ...(marker === undefined ? [] : [`only where ${marker}`])].join('; ')),
  ])
  return renderTable([['package', 'locked', 'allowed', 'newest'].map((title) => style.dim(title)), ...rows])
}
