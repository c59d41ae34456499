// What `den try` tells: each step with its reason and its time, what the program printed, and what to do next.

import { shellWord } from '../../base/shell-word.ts'
import type { TryResult } from '../../commands/try.ts'
import { type Style, visible } from './style.ts'
import { renderTable } from './table.ts'

export interface TryLook {
  readonly style: Style
  /** Written as `~` where a path begins with it. */
  readonly home: string | undefined
  /** The explanation of the environment, rendered. */
  readonly explained: string
  /** What to type for den here: its name where PATH leads to one, else its path. */
  readonly den: string
}

function duration(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`
}

/** The whole story, for a newcomer. */
export function renderTry(result: TryResult, { style, home, explained, den }: TryLook): string {
  const short = (text: string): string =>
    visible(home === undefined || home === '/' ? text : text.replaceAll(`${home}/`, '~/'))
  const steps = result.steps.flatMap(({ did, why, command, milliseconds }, index) => [
    `${style.bold(`${index + 1}. ${short(did)}`)} ${style.dim(`(${duration(milliseconds)})`)}`,
    `   ${short(why)}`,
    ...(command === undefined ? [] : [`   ${style.dim('by itself:')} ${style.cyan(short(command))}`]),
  ])
  const directory = short(result.directory)
  // Inside quotes a shell leaves the ~ as it is.
  const tilde = directory.startsWith('~/') ? '~/' : ''
  return [
    `${style.bold('den try')}: the example project ${directory}`,
    '',
    ...steps,
    '',
    style.bold('What the program printed'),
    ...visible(result.output)
      .trimEnd()
      .split('\n')
      .map((line) => `   ${style.green('│')} ${line}`),
    '',
    explained.trimEnd(),
    '',
    style.bold('What next'),
    `   ${style.cyan(`cd ${tilde}${shellWord(directory.slice(tilde.length))}`)}`,
    renderTable(
      [
        [style.cyan(`${den} run python hello.py`), 'run it again'],
        [style.cyan(`${den} shell`), 'work in the environment, in a shell'],
      ],
      '   ',
    ),
    style.bold('In a project of yours'),
    renderTable(
      [
        [style.cyan(`${den} create --seed pip`), 'an environment in .venv, with pip'],
        [style.cyan(`${den} --help`), 'everything else'],
      ],
      '   ',
    ),
    '',
  ].join('\n')
}
