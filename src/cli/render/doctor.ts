// How the doctor speaks: each finding with what, why and fix, and at the end who can mend what.

import { shellWord } from '../../base/shell-word.ts'
import type { DamagedPackage } from '../../commands/damaged-packages.ts'
import type { DoctorResult, EnvironmentReport, ReportedFinding } from '../../commands/doctor.ts'
import type { RepairedPackages, RepairResult } from '../../commands/repair.ts'
import { describeChange } from '../../env/change.ts'
import { type Here, short } from './environments.ts'
import { type Style, visible } from './style.ts'

/** The whole report; of many environments those with findings. Ends without a newline. */
export function renderDoctor(result: DoctorResult, style: Style, here: Here): string {
  const { environments, shell } = result
  const shown = environments.length === 1 ? environments : environments.filter(({ findings }) => findings.length > 0)
  const hidden = environments.length - shown.length
  const parts = [
    ...shown.map((report) => renderReport(report, style, here)),
    ...(shell.length === 0
      ? []
      : [[style.bold('this shell'), ...shell.map((finding) => renderFinding(finding, style))].join('\n')]),
    ...(hidden === 0
      ? []
      : [
          `${hidden} ${shown.length === 0 ? '' : 'other '}${hidden === 1 ? 'environment is' : 'environments are'} ${style.green('sound')}`,
        ]),
    ...(environments.length === 0 && shell.length === 0
      ? ['no environment is selected here, and nothing is wrong with this shell']
      : []),
  ]
  const summary = summarize(environments)
  return [...parts, ...(summary === undefined ? [] : [summary])].join('\n\n')
}

function renderReport({ root, kind, version, findings }: EnvironmentReport, style: Style, here: Here): string {
  const python = version === '?' ? '' : `, Python ${version}`
  const head = `${style.bold(visible(short(root, here)))}${style.dim(`  ${kind}${python}`)}`
  if (findings.length === 0) return `${head}\n  ${style.green('sound')}: nothing is wrong with it`
  return [head, ...findings.map((finding) => renderFinding(finding, style))].join('\n')
}

const colors = { error: 'red', warning: 'yellow', note: 'cyan' } as const

/** One finding: what, why, fix. */
export function renderFinding({ severity, check, what, why, fix, mendedBy }: ReportedFinding, style: Style): string {
  const color = style[colors[severity]]
  const lines = [
    `  ${color(`${severity}[${check}]`)}: ${visible(what)}`,
    ...(why === undefined ? [] : [`     why: ${visible(why)}`]),
    ...fix.map((line, index) => `     ${index === 0 ? 'fix:' : '    '} ${visible(line)}`),
    ...(mendedBy === 'reinstall' ? [style.dim('          den repair cannot do this: it takes an installer')] : []),
  ]
  return lines.join('\n')
}

/** "`den repair .venv` mends 3 of the 4 findings and keeps the packages" */
function summarize(environments: readonly EnvironmentReport[]): string | undefined {
  const lines = environments.flatMap(({ root, findings }) => {
    const mendable = findings.filter(({ mendedBy }) => mendedBy === 'repair').length
    if (mendable === 0) return []
    const count =
      findings.length === mendable ? (mendable === 1 ? 'it' : 'all of it') : `${mendable} of ${findings.length}`
    return [`den repair ${shellWord(root)} mends ${count} and keeps the packages`]
  })
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** What the repair changed, or would change, and what is left. */
export function renderRepair(result: RepairResult, style: Style, here: Here & { readonly dryRun: boolean }): string {
  const { root, changes, changed, mended, left, reinstall, packages } = result
  const name = style.bold(visible(short(root, here)))
  if (changes.length === 0 && left.length === 0 && packages.damaged.length === 0)
    return `${name}  ${style.green('sound')}: nothing to repair`
  const parts: string[] = []
  if (changes.length > 0) {
    const verb = changed ? style.green('mended') : 'would mend'
    const count = style.dim(`  ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`)
    const what = mended.map((finding) => `  ${visible(finding.what)}`)
    const files = changed ? [] : changes.map((change) => style.dim(`    ${visible(describeChange(change))}`))
    parts.push([`${verb} ${name}${count}`, ...what, ...files].join('\n'))
  }
  parts.push(...renderPackages(packages, style, here))
  if (left.length > 0) {
    const head = `${style.bold('left to do')} in ${visible(short(root, here))}`
    parts.push([head, ...left.map((finding) => renderFinding(finding, style))].join('\n'))
  }
  if (reinstall.length > 0) parts.push(`to be installed again: ${reinstall.map(visible).join(' ')}`)
  return parts.join('\n\n')
}

/** Packages that were put in again, what it took, what is left, and who else has the same damage. */
function renderPackages(
  packages: RepairedPackages,
  style: Style,
  here: Here & { readonly dryRun: boolean },
): readonly string[] {
  const { damaged, mended, restored, left, sharing } = packages
  if (damaged.length === 0) return []
  const from = { store: 'from the store', index: 'fetched again', build: 'built again' }
  const lines = here.dryRun
    ? ['would put in again:', ...damaged.flatMap((one) => renderDamaged(one, style))]
    : mended.map(
        (one) =>
          `${style.green('put in again')} ${visible(`${one.name} ${one.version}`)}${style.dim(`  ${from[one.from]}`)}`,
      )
  return [
    [
      ...lines,
      ...restored.map(
        ({ distribution }) =>
          `${style.green('restored')} ${visible(distribution)} in the store, which was damaged as well`,
      ),
      ...left.map(({ name, version, problem }) =>
        [
          `${style.red(`error[${problem.code}]`)}: ${visible(`${name} ${version}`)} stays damaged: ${visible(problem.what)}`,
          ...(problem.why === undefined ? [] : [`     why: ${visible(problem.why)}`]),
          ...problem.fix.map((line, index) => `     ${index === 0 ? 'fix:' : '    '} ${visible(line)}`),
        ].join('\n'),
      ),
      ...sharing.map(
        ({ root, distributions }) =>
          `${style.yellow('warning')}: ${visible(short(root, here))} has the same damage in ${visible(distributions.join(', '))}: den repair ${shellWord(root)}`,
      ),
    ].join('\n'),
  ]
}

/** So many files of one package are named. */
const shown = 10

/** A package with its files, each with what happened to it. */
export function renderDamaged({ name, version, files, record }: DamagedPackage, style: Style): readonly string[] {
  return [
    `  ${style.red('error[damaged]')}: ${visible(`${name} ${version}`)} is not as it was installed`,
    ...(record === undefined ? [] : [`     RECORD: ${visible(record)}`]),
    ...files.slice(0, shown).map(({ path, state }) => `     ${state.padEnd(8)} ${visible(path)}`),
    ...(files.length > shown ? [`     and ${files.length - shown} more`] : []),
  ]
}
