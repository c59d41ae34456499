import { type ShownPackage, show } from '../../../../commands/show.ts'
import { type PipHandler, sayLines } from '../context.ts'

/** pip show PACKAGE… */
export const handle: PipHandler = async (context) => {
  const { options, core, environment, operands } = context
  if (operands.length === 0) {
    context.error('Please provide a package name or names.')
    return 1
  }
  const { packages, missing } = await show(core, { environment, names: operands, files: options.files === true })
  context.lasts()
  if (missing.length > 0) context.warn(`Package(s) not found: ${missing.join(', ')}`)
  if (context.json) {
    context.answer({ packages, missing })
    return packages.length > 0 ? 0 : 1
  }
  const verbose = options.verbose > 0
  sayLines(
    context,
    packages.flatMap((one, index) => [...(index > 0 ? ['---'] : []), ...linesOf(one, verbose)]),
  )
  return packages.length > 0 ? 0 : 1
}

function linesOf(one: ShownPackage, verbose: boolean): readonly string[] {
  const [major = 0, minor = 0] = one.metadataVersion.split('.').map(Number)
  const hasExpression = (major > 2 || (major === 2 && minor >= 4)) && one.licenseExpression !== ''
  const lines = [
    `Name: ${one.name}`,
    `Version: ${one.version}`,
    `Summary: ${one.summary}`,
    `Home-page: ${one.homepage}`,
    `Author: ${one.author}`,
    `Author-email: ${one.authorEmail}`,
    hasExpression ? `License-Expression: ${one.licenseExpression}` : `License: ${one.license}`,
    `Location: ${one.location}`,
    ...(one.editable === undefined ? [] : [`Editable project location: ${one.editable}`]),
    `Requires: ${one.requires.join(', ')}`,
    `Required-by: ${one.requiredBy?.join(', ') ?? '#N/A'}`,
  ]
  const indented = (texts: readonly string[]): readonly string[] => texts.map((text) => `  ${text}`)
  if (verbose) {
    lines.push(`Metadata-Version: ${one.metadataVersion}`, `Installer: ${one.installer}`)
    lines.push('Classifiers:', ...indented(one.classifiers))
    lines.push('Entry-points:', ...indented(one.entryPoints))
    lines.push('Project-URLs:', ...indented(one.projectUrls))
  }
  if (one.files === 'unknown') lines.push('Files:', 'Cannot locate RECORD or installed-files.txt')
  else if (one.files !== undefined) lines.push('Files:', ...indented(one.files))
  return lines
}
