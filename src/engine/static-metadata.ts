// Metadata of a source tree that can be had without running its backend: what [project] in pyproject.toml says and does not call
// dynamic (PEP 621), as the core metadata that the backend would have to write.

import { isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { parseMarker } from '../spec/marker.ts'
import { type Metadata, parseMetadata } from '../spec/metadata.ts'
import { type ProjectTable, parsePyproject, readProjectTable } from '../spec/pyproject.ts'
import { formatRequirement } from '../spec/requirement.ts'
import { formatSpecifiers } from '../spec/specifier.ts'

/** Fields that resolving needs; the backend may do with all others what it likes. */
const needed = ['version', 'requires-python', 'dependencies', 'optional-dependencies']

/** The metadata of the tree at `directory`, and as text; undefined where only its backend knows. */
export function staticMetadata(
  { host }: Pick<Context, 'host'>,
  directory: string,
): { readonly metadata: Metadata; readonly text: string } | undefined {
  const file = host.path.join(directory, 'pyproject.toml')
  const text = host.files.readText(file)
  if (text === undefined) return undefined
  let project: ProjectTable | undefined
  try {
    project = readProjectTable(parsePyproject(text, { file }).document)
  } catch (error) {
    // What breaks the standard is the backend's to refuse, or to put up with.
    if (isDenError(error, 'invalid-pyproject')) return undefined
    throw error
  }
  if (project?.version === undefined || needed.some((field) => project.dynamic.has(field))) return undefined
  const told = metadataText(project)
  return { metadata: parseMetadata(told, { file }), text: told }
}

function metadataText(project: ProjectTable): string {
  const lines = ['Metadata-Version: 2.4', `Name: ${project.rawName}`, `Version: ${project.version!.text}`]
  if (project.requiresPython !== undefined) lines.push(`Requires-Python: ${formatSpecifiers(project.requiresPython)}`)
  for (const one of project.dependencies ?? []) lines.push(`Requires-Dist: ${formatRequirement(one)}`)
  for (const [extra, requirements] of project.optionalDependencies ?? []) {
    lines.push(`Provides-Extra: ${extra}`)
    for (const one of requirements) {
      const only = `extra == '${extra}'`
      const marker = parseMarker(one.marker === undefined ? only : `(${one.marker.text}) and ${only}`)
      lines.push(`Requires-Dist: ${formatRequirement({ ...one, marker })}`)
    }
  }
  return `${lines.join('\n')}\n\n`
}
