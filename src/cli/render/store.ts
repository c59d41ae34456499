// How the store and the cache speak of themselves.

import type { CacheInfoResult } from '../../commands/cache.ts'
import type { StoreCollectResult, StoreSizeResult, StoreVerifyResult } from '../../commands/store.ts'
import { type Here, short } from './environments.ts'
import { type Style, visible } from './style.ts'
import { formatBytes, renderTable } from './table.ts'

const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`

interface Named {
  readonly project?: string
  readonly version?: string
  readonly sha256: string
}

function nameOf({ project, version, sha256 }: Named): string {
  return project === undefined ? `${sha256.slice(0, 12)}…` : `${visible(project)} ${visible(version ?? '?')}`
}

/** The largest trees with who uses them. */
export function renderStoreSize(
  { directory, trees, files, bytes, unused }: StoreSizeResult,
  style: Style,
  here: Here & { readonly most: number },
): string {
  const head = `${style.bold(visible(short(directory, here)))}  ${count(trees.length, 'distribution')}, ${count(files, 'file')}, ${formatBytes(bytes)}`
  if (trees.length === 0) return head
  const rows = trees.slice(0, here.most).map((tree) => {
    const { users } = tree
    const by =
      users.length === 0
        ? style.dim('unused')
        : `${visible(short(users[0]!, here))}${users.length === 1 ? '' : ` and ${users.length - 1} more`}`
    return [formatBytes(tree.size), nameOf(tree), by]
  })
  const hidden = trees.length - rows.length
  return [
    head,
    renderTable(rows, '  '),
    ...(hidden === 0 ? [] : [style.dim(`  and ${hidden} smaller: --all`)]),
    ...(unused.trees === 0
      ? []
      : [
          `${count(unused.trees, 'distribution')} (${formatBytes(unused.bytes)}) no environment uses: den store collect`,
        ]),
  ].join('\n')
}

/** What is damaged, where, and whom it concerns. */
export function renderStoreVerify(result: StoreVerifyResult, style: Style, here: Here): string {
  const { directory, checked, files, bytes, damaged } = result
  const looked = `${count(checked, 'distribution')}, ${count(files, 'file')}, ${formatBytes(bytes)}`
  const head = `${style.bold(visible(short(directory, here)))}  ${looked}`
  if (damaged.length === 0) return `${head}  ${style.green('sound')}`
  const parts = damaged.map((tree) => {
    const shown = tree.paths.slice(0, 5).map((path) => `     ${visible(path)}`)
    const more = tree.paths.length - shown.length
    return [
      `  ${style.red('damaged')}: ${nameOf(tree)}${tree.removed ? '  removed' : ''}`,
      ...(tree.paths.length === 0 ? ['     its manifest cannot be read: it is damaged, or of an older den'] : shown),
      ...(more > 0 ? [`     and ${more} more`] : []),
      ...tree.users.map((user) => style.dim(`     used by ${visible(short(user, here))}`)),
    ].join('\n')
  })
  const left = damaged.filter(({ removed }) => !removed)
  const users = [...new Set(damaged.flatMap((tree) => tree.users))]
  const fixes = [
    ...(left.length === 0 ? [] : ['den store verify --remove   what needs them gets them anew']),
    ...users.slice(0, 3).map((user) => `den check ${visible(short(user, here))}   whether the environment is whole`),
  ]
  return [head, ...parts, ...fixes.map((fix) => `${style.bold('fix:')} ${fix}`)].join('\n')
}

/** What went, what stayed, and for whom. */
export function renderStoreCollect(
  { removed, bytes, kept, waitingFor, directory }: StoreCollectResult,
  style: Style,
  here: Here & { readonly dryRun: boolean },
): string {
  const verb = here.dryRun ? 'would remove' : 'removed'
  const waiting =
    waitingFor.length === 0
      ? []
      : [
          style.dim(
            `more is kept for ${waitingFor.length === 1 ? 'an environment that is' : `${waitingFor.length} environments that are`} gone from ${waitingFor.length === 1 ? 'its place' : 'their places'}, and may have moved (--now waits for none):`,
          ),
          ...waitingFor.slice(0, 5).map((root) => style.dim(`  ${visible(short(root, here))}`)),
        ]
  const head =
    removed.length === 0
      ? `nothing to collect in ${visible(short(directory, here))}: ${count(kept, 'distribution')} stay`
      : `${verb} ${count(removed.length, 'distribution')} (${formatBytes(bytes)}); ${kept} stay`
  return [head, ...removed.map((tree) => `  ${nameOf(tree)}  ${style.dim(formatBytes(tree.size))}`), ...waiting].join(
    '\n',
  )
}

function remarkOn({ stale, bytes, budget }: CacheInfoResult['parts'][number]): string {
  if (stale) return ', of another den: den cache prune'
  if (budget === undefined) return ''
  return bytes > budget ? `, more than ${formatBytes(budget)}: den cache prune` : `, at most ${formatBytes(budget)}`
}

/** One line a kind. */
export function renderCacheInfo({ directory, parts, files, bytes }: CacheInfoResult, style: Style, here: Here): string {
  const head = `${style.bold(visible(short(directory, here)))}  ${count(files, 'file')}, ${formatBytes(bytes)}`
  if (parts.length === 0) return head
  const rows = parts.map((part) => [
    formatBytes(part.bytes),
    count(part.files, 'file'),
    part.kind,
    style.dim(`${visible(part.name)}${remarkOn(part)}`),
  ])
  return `${head}\n${renderTable(rows, '  ')}`
}
