import { DenError } from '../../base/error.ts'
import type { InitRequest } from '../../commands/init.ts'
import { askedPython, dryRun } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import {
  asPackage,
  authorFrom,
  bare,
  buildBackend,
  description,
  lib,
  noPinPython,
  noReadme,
  projectName,
  script,
  vcs,
} from '../options/project-start.ts'
import { defined } from '../options/values.ts'
import { renderInit } from '../render/project-start.ts'
import type { Style } from '../render/style.ts'

/** den init [PATH] */
export const handle: Handler = async ({ command, operands, values, session, output }) => {
  const [path] = operands
  const isScript = values.get(script) === true
  if (isScript && path === undefined)
    throw new DenError('missing-operand', { command: 'den init', operand: 'PATH', says: 'the script' })
  const backend = values.get(buildBackend)
  const wanted = values.get(asPackage)
  if (values.get(lib) === true && wanted === false) {
    throw new DenError('options-conflict', { command: 'den init', first: '--lib', second: '--no-package' })
  }
  const isInstalled = wanted ?? backend !== undefined
  const result = await session.init(
    defined({
      path,
      script: isScript || undefined,
      name: values.get(projectName),
      description: values.get(description),
      kind: values.get(lib) === true ? ('lib' as const) : isInstalled ? ('package' as const) : undefined,
      buildBackend: backend as InitRequest['buildBackend'],
      bare: values.get(bare),
      readme: values.get(noReadme) === true ? false : undefined,
      pinPython: values.get(noPinPython) === true ? false : undefined,
      ...askedPython(values),
      authorFrom: values.get(authorFrom) as InitRequest['authorFrom'],
      vcs: values.get(vcs) as InitRequest['vcs'],
      dryRun: values.get(dryRun),
    }),
  )
  const told = (style: Style): string => renderInit(result, { path: session.host.path, cwd: session.host.cwd, style })
  if (output.json) output.document(schemaOf(command), result)
  else if (values.get(dryRun) === true) output.print(told(output.style))
  // As of every change that was made, what is told of it is talk.
  else output.talk(() => told(output.talkStyle))
  return 0
}
