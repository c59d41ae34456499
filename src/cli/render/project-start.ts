// What den init has begun, in lines.

import type { InitResult } from '../../commands/init.ts'
import type { Host } from '../../host/host.ts'
import { type Style, visible } from './style.ts'

interface Surroundings extends Pick<Host, 'path' | 'cwd'> {
  readonly style: Style
}

const kinds: Readonly<Record<InitResult['kind'], string>> = {
  app: 'a program',
  package: 'a program that is installed',
  lib: 'a library',
  script: 'a script',
}

export function renderInit(result: InitResult, { path, cwd, style }: Surroundings): string {
  const { name, kind, directory, written, kept, repository, dryRun, requiresPython } = result
  const short = (file: string): string => visible(path.relative(cwd, file) || '.')
  const place = kind === 'script' ? short(result.file) : short(directory)
  return [
    `${dryRun ? 'would begin' : 'began'} ${style.bold(visible(name))}, ${kinds[kind]} for Python ${requiresPython}, in ${place}`,
    ...written.map((file) => `  ${style.green('+')} ${short(file)}`),
    ...kept.map((file) => `  ${style.dim('=')} ${short(file)} ${style.dim('(was there)')}`),
    ...(repository ? [`  ${style.green('+')} a git repository`] : []),
  ].join('\n')
}
