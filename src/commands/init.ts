// `den init`: begins a project, or a script. What is there already stays as it is: a manifest is never replaced, other files are kept.

import { DenError, isDenError } from '../base/error.ts'
import { type Host, searchPath } from '../host/host.ts'
import {
  type BuildBackend,
  type NewFile,
  newProjectFiles,
  newScript,
  type ProjectKind,
} from '../project/new-project.ts'
import { readUtf8 } from '../project/read-text.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { normalizeName, parseProjectName, tryParseProjectName } from '../spec/name.ts'
import { findScriptMetadata, replaceScriptMetadata } from '../spec/script-metadata.ts'
import { type AskedPython, askedRequest, findAsked } from './asked-python.ts'
import type { Core } from './core.ts'

export interface InitRequest {
  /** The project's directory, or with `script` the file; the working directory unless said. */
  readonly path?: string
  /** A file that says itself what it needs (PEP 723), in place of a project. */
  readonly script?: boolean
  readonly name?: string
  readonly description?: string
  /** `app` unless said. */
  readonly kind?: ProjectKind
  /** What builds it; hatchling unless said. */
  readonly buildBackend?: BuildBackend
  /** pyproject.toml alone. */
  readonly bare?: boolean
  readonly readme?: boolean
  /** Whether `.python-version` is written; yes unless said. */
  readonly pinPython?: boolean
  /** As `--python` takes it; the oldest Python that the project is for. */
  readonly python?: string
  /** Who asks for it, where that is not the caller: a variable. */
  readonly pythonFrom?: string
  /** `git`: the name and address that git knows; `auto`: the same for what is installed or imported, where git knows them. */
  readonly authorFrom?: 'auto' | 'git' | 'none'
  /** `git` makes a repository where there is none; unless said, it does so where git is installed. */
  readonly vcs?: 'git' | 'none'
  readonly dryRun?: boolean
}

export interface InitResult {
  readonly directory: string
  /** Its pyproject.toml, or the script. */
  readonly file: string
  readonly name: string
  readonly kind: ProjectKind | 'script'
  readonly requiresPython: string
  /** Files that were written; with `dryRun`, that would be. Absolute. */
  readonly written: readonly string[]
  /** Files that were there, and stay as they were. */
  readonly kept: readonly string[]
  /** Whether a repository was made. */
  readonly repository: boolean
  readonly dryRun: boolean
}

/**
 * Throws `project-exists`, `not-utf8`, `python-not-found`, `invalid-python-request`, `invalid-name`, and what the disk throws. Nothing is written
 * before all of that is known.
 */
export async function init(core: Core, request: InitRequest = {}): Promise<InitResult> {
  const { host } = core
  const place = host.path.resolve(host.cwd, request.path ?? '.')
  if (request.script === true) return await initScript(core, place, request)
  const file = host.path.join(place, 'pyproject.toml')
  if (host.files.lstat(file) !== undefined) throw new DenError('project-exists', { file })
  const { requiresPython, pin } = await chosenPython(core, place, request)
  const { kind = 'app', bare = false, vcs } = request
  const name = nameOf(host, place, request.name)
  const git = vcs === 'none' || bare ? undefined : gitFor(host, place, vcs)
  const author = await authorOf(core, place, request.authorFrom ?? (kind === 'app' || bare ? 'none' : 'auto'))
  const files = newProjectFiles({
    name,
    kind,
    ...(request.description === undefined ? {} : { description: request.description }),
    ...(author === undefined ? {} : { author }),
    requiresPython,
    backend: request.buildBackend ?? 'hatch',
    bare,
    readme: request.readme ?? !bare,
    ...((request.pinPython ?? !bare) ? { pin } : {}),
    ignoreFile: git?.makes === true,
  })
  const { written, kept } = plan(host, place, files)
  const done: InitResult = {
    directory: place,
    file,
    name,
    kind,
    requiresPython,
    written: written.map(({ path }) => path),
    kept,
    repository: git?.makes === true,
    dryRun: request.dryRun === true,
  }
  if (request.dryRun === true) return done
  host.disk.makeDirectories(place)
  for (const { path, text } of written) {
    host.disk.makeDirectories(host.path.dirname(path))
    host.disk.writeNew(path, text)
  }
  if (git?.makes === true) await makeRepository(core, git.command, place)
  return done
}

function plan(
  host: Host,
  directory: string,
  files: readonly NewFile[],
): { readonly written: readonly NewFile[]; readonly kept: readonly string[] } {
  const placed = files.map(({ path, text }) => ({ path: host.path.join(directory, ...path.split('/')), text }))
  return {
    written: placed.filter(({ path }) => host.files.lstat(path) === undefined),
    kept: placed.flatMap(({ path }) => (host.files.lstat(path) === undefined ? [] : [path])),
  }
}

/** A script that is there gets the metadata and keeps its code. */
async function initScript(core: Core, file: string, request: InitRequest): Promise<InitResult> {
  const { host } = core
  const directory = host.path.dirname(file)
  const before = readUtf8(host, file)
  if (before !== undefined && findScriptMetadata(before, { file }) !== undefined) {
    throw new DenError('project-exists', { file })
  }
  const { requiresPython } = await chosenPython(core, directory, request)
  const name = host.path.basename(file)
  const done: InitResult = {
    directory,
    file,
    name,
    kind: 'script',
    requiresPython,
    written: [file],
    kept: [],
    repository: false,
    dryRun: request.dryRun === true,
  }
  if (request.dryRun === true) return done
  if (before === undefined) {
    host.disk.makeDirectories(directory)
    host.disk.writeNew(file, newScript(name, requiresPython))
    return done
  }
  const content = `requires-python = "${requiresPython}"\ndependencies = []`
  host.disk.writeAtomic(file, replaceScriptMetadata(before, content), host.files.stat(file)?.mode)
  return done
}

interface PythonChoice {
  /** ">=3.12" */
  readonly requiresPython: string
  /** "3.12" */
  readonly pin: string
}

/** What is asked for, or what den would take there, as a range and as a pin. */
async function chosenPython(core: Core, directory: string, asked: AskedPython): Promise<PythonChoice> {
  const request = askedRequest(asked)
  const here = { ...core, host: { ...core.host, cwd: directory } }
  const { interpreter } = await findAsked(here, asked, { preferActive: false })
  const line = lineOf(interpreter)
  // A range that was asked for is the project's; a version is its oldest.
  const { specifiers } = request.kind === 'version' ? request : {}
  const range = specifiers?.specifiers.map(({ operator, versionText }) => operator + versionText).join(',')
  return {
    requiresPython: range ?? `>=${line}`,
    pin: `${pinPrefix(interpreter)}${line}${interpreter.freeThreaded ? 't' : ''}`,
  }
}

function lineOf({ version }: Interpreter): string {
  return `${version.major}.${version.minor}`
}

function pinPrefix({ implementation }: Interpreter): string {
  return implementation === 'cpython' ? '' : implementation
}

/** The name that is given, or one made of the directory's. Throws `invalid-name` where neither is one. */
function nameOf(host: Host, directory: string, given: string | undefined): ReturnType<typeof parseProjectName> {
  if (given !== undefined) return parseProjectName(given)
  const base = host.path.basename(directory)
  const made = base.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|[._-]+$/g, '')
  return tryParseProjectName(made) === undefined ? parseProjectName(base) : normalizeName(made)
}

interface GitChoice {
  readonly command: string
  /** No repository is around the directory. */
  readonly makes: boolean
}

/** git where it is installed. Asked for by name, it is tried in any case, and says itself that it is missing. */
function gitFor(host: Host, directory: string, wish: 'git' | undefined): GitChoice | undefined {
  const command = findGit(host)
  if (command === undefined && wish === undefined) return undefined
  for (let place = directory; ; place = host.path.dirname(place)) {
    if (host.files.lstat(host.path.join(place, '.git')) !== undefined)
      return { command: command ?? 'git', makes: false }
    if (host.path.dirname(place) === place) return { command: command ?? 'git', makes: true }
  }
}

function findGit(host: Host): string | undefined {
  const name = host.platform === 'win32' ? 'git.exe' : 'git'
  return searchPath(host)
    .map((directory) => host.path.join(directory, name))
    .find((path) => host.files.isExecutable(path))
}

async function makeRepository({ host, signal, report }: Core, command: string, directory: string): Promise<void> {
  const done = await host.spawn({ command, args: ['init', '--quiet'], cwd: directory, env: host.env, signal })
  if (done.code === 0) return
  const said = new TextDecoder().decode(done.stderr).trim()
  report({ kind: 'note', text: `git made no repository: ${said === '' ? `it ended with ${done.code}` : said}` })
}

/** The name and address that git would put into a commit. */
async function authorOf(
  core: Core,
  directory: string,
  from: 'auto' | 'git' | 'none',
): Promise<{ readonly name?: string; readonly email?: string } | undefined> {
  const command = from === 'none' ? undefined : findGit(core.host)
  if (command === undefined) {
    if (from === 'git') throw new DenError('spawn-failed', { command: 'git', errno: 'ENOENT' })
    return undefined
  }
  const [name, email] = await Promise.all([ask('user.name'), ask('user.email')])
  if (name === undefined && email === undefined) return undefined
  return { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) }

  async function ask(key: string): Promise<string | undefined> {
    const { host, signal } = core
    const cwd = host.files.stat(directory)?.kind === 'directory' ? directory : host.cwd
    try {
      const { code, stdout } = await host.spawn({
        command: command!,
        args: ['config', '--get', key],
        cwd,
        env: host.env,
        signal,
      })
      const text = code === 0 ? new TextDecoder().decode(stdout).trim() : ''
      return text === '' ? undefined : text
    } catch (error) {
      if (isDenError(error, 'spawn-failed', 'spawn-timeout') && from === 'auto') return undefined
      throw error
    }
  }
}
