// What `den try` tells: each step with its reason and its time, what the program printed, and what to do next.

import { shellWord } from '../../base/shell-word.ts'
import type { TryResult, TryStep } from '../../commands/try.ts'
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
  const printed = (output: string): readonly string[] =>
    visible(output)
      .trimEnd()
      .split('\n')
      .map((line) => `   ${style.green('│')} ${line}`)
  const told = (all: readonly TryStep[], before: number): readonly string[] =>
    all.flatMap(({ did, why, command, output, milliseconds }, index) => [
      `${style.bold(`${before + index + 1}. ${short(did)}`)} ${style.dim(`(${duration(milliseconds)})`)}`,
      `   ${short(why)}`,
      ...(command === undefined ? [] : [`   ${style.dim('by itself:')} ${style.cyan(short(command))}`]),
      ...(output === undefined ? [] : printed(output)),
    ])
  const fromIndex =
    result.index === undefined
      ? [
          style.bold('With packages from the index'),
          `   left out, since the index could not be had: ${short(result.withoutIndex ?? '')}`,
          '   What you saw used the wheels that come along with den.',
        ]
      : [style.bold('The same with packages from the index'), ...told(result.index, result.steps.length)]
  const directory = short(result.directory)
  // Inside quotes a shell leaves the ~ as it is.
  const tilde = directory.startsWith('~/') ? '~/' : ''
  return [
    `${style.bold('den try')}: the example project ${directory}`,
    '',
    ...told(result.steps, 0),
    '',
    style.bold('What the program printed'),
    ...printed(result.output),
    '',
    ...fromIndex,
    '',
    explained.trimEnd(),
    '',
    style.bold('What next'),
    `   ${style.cyan(`cd ${tilde}${shellWord(directory.slice(tilde.length))}`)}`,
    renderTable(
      [
        [style.cyan(`${den} run --no-sync python hello.py`), 'run it again'],
        [style.cyan(`${den} shell`), 'work in the environment, in a shell'],
      ],
      '   ',
    ),
    style.bold('In a project of yours'),
    renderTable(
      [
        [style.cyan(`${den} init`), 'a project, where there is none'],
        [style.cyan(`${den} add django`), 'what it needs: written down, locked for everybody, installed in .venv'],
        [style.cyan(`${den} create`), 'or an environment alone,'],
        [style.cyan(`${den} pip install django`), 'with packages put in by hand'],
        [style.cyan(`${den} --help`), 'everything else'],
      ],
      '   ',
    ),
    '',
  ].join('\n')
}
