import { DenError } from '../../../../base/error.ts'
import type { InstalledFilter } from '../../../../commands/installed-view.ts'
import { type ListedPackage, list } from '../../../../commands/list.ts'
import { defined } from '../../../options/values.ts'
import { type PipContext, type PipHandler, sayLines } from '../context.ts'
import { pythonJson } from '../python-json.ts'

/** pip list */
export const handle: PipHandler = async (context) => {
  const { options, core, environment } = context
  refuseTogether(context)
  const compared = options.outdated === true ? 'outdated' : options.uptodate === true ? 'uptodate' : undefined
  const filter = filterOf(context)
  const latest = compared === undefined ? undefined : await (await import('../latest.ts')).openLatest(context)
  const { packages } = await list(core, {
    environment,
    filter,
    notRequired: options.not_required === true,
    ...(compared === undefined || latest === undefined ? {} : { compared, latest: latest.of }),
  }).finally(() => latest?.close())
  if (compared === undefined) context.lasts()
  const verbose = options.verbose >= 1
  if (context.json) {
    context.answer({ packages: packages.map((one) => jsonOf(one, true)) })
    return 0
  }
  switch (options.list_format) {
    case 'json':
      context.say(pythonJson(packages.map((one) => jsonOf(one, verbose))))
      return 0
    case 'freeze':
      sayLines(
        context,
        packages.map((one) => {
          const pinned = one.isVersion ? `${one.name}==${one.version}` : `${one.name}===${one.rawVersion}`
          return verbose ? `${pinned} (${one.location})` : pinned
        }),
      )
      return 0
    default:
      if (packages.length > 0) sayLines(context, columns(packages, { verbose, outdated: compared === 'outdated' }))
      return 0
  }
}

/** The filters that list, freeze and inspect share. Throws `pip-options-refused`. */
export function filterOf({ command, options }: PipContext): InstalledFilter {
  if (options.path !== undefined && options.path.length > 0 && (options.user === true || options.local === true)) {
    throw new DenError('pip-options-refused', {
      command: `pip ${command}`,
      because: '--path does not go with --user and --local',
      fix: ['leave one of them out'],
    })
  }
  const editables: InstalledFilter['editables'] =
    options.editable === true ? 'only' : options.include_editable === false ? 'leave out' : undefined
  return defined({
    paths: options.path,
    local: options.local,
    userOnly: options.user,
    editables,
    exclude: options.excludes,
  })
}

function refuseTogether({ options }: PipContext): void {
  const refused = (because: string, ...fix: readonly string[]): DenError =>
    new DenError('pip-options-refused', { command: 'pip list', because, fix })
  const { pre, release_control: releases } = options
  if (pre === true && ((releases?.allReleases.size ?? 0) > 0 || (releases?.onlyFinal.size ?? 0) > 0)) {
    throw refused('--pre does not go with --all-releases and --only-final', 'leave --pre out')
  }
  if (options.outdated === true && options.uptodate === true) {
    throw refused('--outdated and --uptodate say the opposite', 'leave one of them out')
  }
  if (options.outdated === true && options.list_format === 'freeze') {
    throw refused('--format=freeze cannot show what is newer', 'use --format=columns or --format=json')
  }
}

function jsonOf(one: ListedPackage, verbose: boolean): Readonly<Record<string, string>> {
  return defined({
    name: one.name,
    version: one.isVersion ? one.version : one.rawVersion,
    location: verbose ? one.location : undefined,
    installer: verbose ? one.installer : undefined,
    latest_version: one.latest?.version,
    latest_filetype: one.latest?.type,
    editable_project_location: one.editable,
  }) as Readonly<Record<string, string>>
}

/** pip's table: as wide as it must be, with a line of dashes under the head. */
function columns(
  packages: readonly ListedPackage[],
  { verbose, outdated }: { readonly verbose: boolean; readonly outdated: boolean },
): readonly string[] {
  const hasBuilds = packages.some(({ build }) => build !== undefined && build !== '')
  const hasEditables = packages.some(({ editable }) => editable !== undefined)
  const pick = (when: boolean, ...cells: readonly string[]): readonly string[] => (when ? cells : [])
  const head = [
    'Package',
    'Version',
    ...pick(outdated, 'Latest', 'Type'),
    ...pick(hasBuilds, 'Build'),
    ...pick(hasEditables, 'Editable project location'),
    ...pick(verbose, 'Location', 'Installer'),
  ]
  const rows = packages.map((one) => [
    one.name,
    one.rawVersion,
    ...pick(outdated, one.latest?.version ?? '', one.latest?.type ?? ''),
    ...pick(hasBuilds, one.build ?? ''),
    ...pick(hasEditables, one.editable ?? ''),
    ...(verbose ? [one.location, one.installer] : []),
  ])
  const widths = head.map((cell, column) =>
    Math.max(...[head, ...rows].map((row) => [...row[column]!].length), cell.length),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join(' ')
      .trimEnd()
  return [line(head), widths.map((width) => '-'.repeat(width)).join(' '), ...rows.map(line)]
}
