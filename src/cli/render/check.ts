// What `den check` found, package by package, and what mends it.

import { shellWord } from '../../base/shell-word.ts'
import type { CheckProblem } from '../../commands/check.ts'
import type { CheckEnvironmentResult } from '../../commands/check-environment.ts'
import { renderDamaged, renderFinding } from './doctor.ts'
import { type Here, short } from './environments.ts'
import { type Style, visible } from './style.ts'

/** Ends without a newline. */
export function renderCheck(result: CheckEnvironmentResult, style: Style, here: Here): string {
  const { root, checked, damaged, store, sharing, unverifiable, requirements = [], findings, sound } = result
  const size = `${checked.files} files of ${checked.distributions} packages (${megabytes(checked.bytes)})`
  const head = `${style.bold(visible(short(root, here)))}${style.dim(`  ${size}`)}`
  const lines = [
    head,
    ...damaged.flatMap((one) => renderDamaged(one, style)),
    ...store.map(({ distribution, files }) =>
      visible(
        `  the store's own ${distribution} is damaged as well: ${files.slice(0, 3).join(', ')}${more(files.length, 3)}`,
      ),
    ),
    ...sharing.map(({ root: other, distributions }) =>
      visible(`  ${short(other, here)} has the same damaged files: ${distributions.join(', ')}`),
    ),
    ...requirements.map((problem) => `  ${style.red('error[requirement]')}: ${visible(requirementLine(problem))}`),
    ...findings.map((finding) => renderFinding(finding, style)),
    ...unverifiable.map(({ name, version, reason }) =>
      style.dim(`  not verified: ${visible(`${name} ${version}`.trimEnd())}: ${visible(reason)}`),
    ),
  ]
  if (sound) lines.push(`  ${style.green('sound')}: every file is as it was installed`)
  const roots = damaged.length === 0 ? [] : [root, ...sharing.map((one) => one.root)]
  return [
    lines.join('\n'),
    ...(roots.length === 0 ? [] : [roots.map((one) => `den repair ${shellWord(one)}`).join('\n')]),
  ].join('\n\n')
}

function requirementLine(problem: CheckProblem): string {
  switch (problem.kind) {
    case 'missing':
      return `${problem.project} ${problem.version} requires ${problem.requirement}, which is not installed`
    case 'conflict':
      return `${problem.project} ${problem.version} requires ${problem.requirement}, but ${problem.name} ${problem.has} is installed`
    case 'unsupported':
      return `${problem.name} ${problem.version} is made for another Python or machine`
    case 'unreadable':
      return `what ${problem.project} requires cannot be read: ${problem.reason}`
  }
}

function more(count: number, named: number): string {
  return count > named ? ` and ${count - named} more` : ''
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
