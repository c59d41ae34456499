// The files of a new project, as values: what stands in them is decided here, and nothing is written.

import type { ProjectName } from '../base/brand.ts'
import { formatTomlString } from '../format/toml-write.ts'
import { escapedName } from '../spec/name.ts'

/** `app`: a program, run from its directory. `package`: a program that is installed. `lib`: what others import. */
export type ProjectKind = 'app' | 'package' | 'lib'

export const buildBackends = ['hatch', 'setuptools', 'flit', 'pdm', 'poetry', 'uv'] as const
export type BuildBackend = (typeof buildBackends)[number]

export interface NewProject {
  readonly name: ProjectName
  readonly kind: ProjectKind
  readonly description?: string
  readonly author?: { readonly name?: string; readonly email?: string }
  readonly requiresPython: string
  readonly backend: BuildBackend
  /** pyproject.toml alone. */
  readonly bare: boolean
  readonly readme: boolean
  /** What `.python-version` says; absent: there is to be none. */
  readonly pin?: string
  readonly ignoreFile: boolean
}

/** A file of the project, by its path within, with `/`. */
export interface NewFile {
  readonly path: string
  readonly text: string
}

const systems: Readonly<Record<BuildBackend, { readonly requires: string; readonly backend: string }>> = {
  hatch: { requires: 'hatchling', backend: 'hatchling.build' },
  setuptools: { requires: 'setuptools>=61', backend: 'setuptools.build_meta' },
  flit: { requires: 'flit_core>=3.11,<4', backend: 'flit_core.buildapi' },
  pdm: { requires: 'pdm-backend', backend: 'pdm.backend' },
  poetry: { requires: 'poetry-core>=2,<3', backend: 'poetry.core.masonry.api' },
  uv: { requires: 'uv_build>=0.9,<1', backend: 'uv_build' },
}

/** Where a module is that is not called as its project: nothing, where the backend takes what it finds. */
const modulePlaces: Readonly<Record<BuildBackend, (module: string) => readonly string[]>> = {
  hatch: (module) => ['[tool.hatch.build.targets.wheel]', `packages = ["src/${module}"]`],
  setuptools: () => [],
  flit: (module) => ['[tool.flit.module]', `name = "${module}"`],
  pdm: () => [],
  poetry: (module) => ['[tool.poetry]', `packages = [{ include = "${module}", from = "src" }]`],
  uv: (module) => ['[tool.uv.build-backend]', `module-name = "${module}"`],
}

/** The files, pyproject.toml last: where that stands, the rest does. */
export function newProjectFiles(project: NewProject): readonly NewFile[] {
  const { name, bare, kind, readme, pin, ignoreFile } = project
  const module = moduleOf(name)
  const sources: readonly NewFile[] =
    kind === 'app'
      ? [{ path: 'main.py', text: `${mainFunction(name)}\n\nif __name__ == "__main__":\n    main()\n` }]
      : kind === 'package'
        ? [{ path: `src/${module}/__init__.py`, text: mainFunction(name) }]
        : [
            { path: `src/${module}/__init__.py`, text: `def hello() -> str:\n    return "Hello from ${name}!"\n` },
            { path: `src/${module}/py.typed`, text: '' },
          ]
  return [
    ...(bare ? [] : sources),
    ...(readme ? [{ path: 'README.md', text: `# ${name}\n` }] : []),
    ...(ignoreFile ? [{ path: '.gitignore', text: ignored }] : []),
    ...(pin === undefined ? [] : [{ path: '.python-version', text: `${pin}\n` }]),
    { path: 'pyproject.toml', text: manifestText(project, module) },
  ]
}

function manifestText(project: NewProject, module: string): string {
  const { name, kind, author, requiresPython, backend, readme, bare } = project
  // flit builds nothing that has no description.
  const description = project.description ?? (backend === 'flit' && kind !== 'app' ? 'What it is for' : undefined)
  const { requires, backend: hook } = systems[backend]
  const people = [
    ...(author?.name === undefined ? [] : [`name = ${formatTomlString(author.name)}`]),
    ...(author?.email === undefined ? [] : [`email = ${formatTomlString(author.email)}`]),
  ]
  const sections = [
    [
      '[project]',
      `name = ${formatTomlString(name)}`,
      'version = "0.1.0"',
      ...(description === undefined ? [] : [`description = ${formatTomlString(description)}`]),
      ...(readme ? ['readme = "README.md"'] : []),
      ...(people.length === 0 ? [] : ['authors = [', `    { ${people.join(', ')} },`, ']']),
      `requires-python = ${formatTomlString(requiresPython)}`,
      'dependencies = []',
    ],
    ...(kind === 'package' && !bare ? [['[project.scripts]', `${name} = "${module}:main"`]] : []),
    ...(kind === 'app'
      ? []
      : [
          ['[build-system]', `requires = [${formatTomlString(requires)}]`, `build-backend = "${hook}"`],
          ...(module === escapedName(name) ? [] : [modulePlaces[backend](module)].filter((lines) => lines.length > 0)),
        ]),
  ]
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n')
}

/** A script with its metadata, for a file that isn't there. */
export function newScript(name: string, requiresPython: string): string {
  const metadata = `# /// script\n# requires-python = ${formatTomlString(requiresPython)}\n# dependencies = []\n# ///\n`
  return `${metadata}\n\n${mainFunction(name)}\n\nif __name__ == "__main__":\n    main()\n`
}

function mainFunction(name: string): string {
  return `def main() -> None:\n    print(${formatTomlString(`Hello from ${name}!`)})\n`
}

/** The name as one that Python can import. */
function moduleOf(name: ProjectName): string {
  const escaped = escapedName(name)
  return /^\d/.test(escaped) || keywords.has(escaped) ? `_${escaped}` : escaped
}

const keywords: ReadonlySet<string> = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not ' +
    'or pass raise return try while with yield'
  ).split(' '),
)

const ignored = `# Written by Python
__pycache__/
*.py[oc]
build/
dist/
*.egg-info/

# Environments
.venv/
`
