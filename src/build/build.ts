// Building a wheel, an editable wheel or just metadata from a source tree, by its own backend (PEP 517, PEP 660), in an environment
// that the caller provides.

import { DenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { parseWheelFilename, type WheelFilename } from '../spec/filename.ts'
import { confine } from './confine.ts'
import { legacyEditable } from './legacy-editable.ts'
import { type HookName, type HookRequest, runHook } from './run-hook.ts'
import { readSourceTree, type SourceTree } from './source-tree.ts'

/** A Python to build with, and a way to put more into its environment. */
export interface BuildEnvironment {
  /** The executable, absolute. */
  readonly python: string
  /** The environment's root; undefined when the build runs in a Python as it is. */
  readonly root?: string
  /** Its scripts directory. */
  readonly scripts: string
  /** Puts these in as well; a function of the caller's, so that building knows nothing of resolving. */
  readonly extend: (requirements: readonly string[]) => Promise<void>
  readonly dispose: () => void
}

export interface BuildRequest {
  /** The source tree's directory. */
  readonly directory: string
  /** How messages name it: "numpy 1.26.4", or a path. */
  readonly label: string
  /** Makes the environment for the build, with these in it. Called once a build. */
  readonly provision: (requirements: readonly string[]) => Promise<BuildEnvironment>
  readonly configSettings?: Readonly<Record<string, string | readonly string[]>>
  /** A directory for the build's own files, there and empty; the wheel lies in it afterwards. */
  readonly work: string
  readonly allowNetwork?: boolean
  /** Seconds a hook may take; 3,600 unless said. */
  readonly seconds?: number
}

export interface BuiltWheel {
  readonly path: string
  readonly parsed: WheelFilename
}

export type BuildKind = 'wheel' | 'editable'

/** A build that has been begun: its environment stands, and what the backend needs for this kind of build is in it. */
export interface OpenBuild {
  /**
   * The text of METADATA, by the backend's `prepare_metadata_for_build_*`; undefined where it has none and a wheel has to be built
   * for it. Throws as `openBuild`.
   */
  metadata(): Promise<string | undefined>
  /** The wheel, in `work`. Throws as `openBuild`. */
  wheel(): Promise<BuiltWheel>
  /** Removes the environment. */
  close(): void
}

interface Build {
  readonly context: Context
  readonly request: BuildRequest
  readonly kind: BuildKind
  readonly tree: SourceTree
  call(hook: HookName, args: readonly unknown[]): Promise<{ readonly value: unknown } | 'missing'>
}

/**
 * Begins a build. Throws `build-failed`, `build-timeout`, `build-invalid`, `aborted`, and what `provision` and the disk throw. The
 * caller removes `work` and, by `close`, the environment.
 */
export async function openBuild(
  context: Context,
  request: BuildRequest,
  kind: BuildKind = 'wheel',
): Promise<OpenBuild> {
  const tree = readSourceTree(context, request.directory, request.label)
  const environment = await request.provision(tree.requires)
  try {
    const confinement = await confine(context, {
      work: request.work,
      scripts: [environment.scripts],
      allowNetwork: request.allowNetwork ?? false,
      seconds: request.seconds ?? 3600,
      ...(environment.root === undefined ? {} : { environment: environment.root }),
    })
    const settings = request.configSettings ?? {}
    const call: Build['call'] = async (hook, args) => {
      const one: HookRequest = {
        hook,
        backend: tree.backend,
        backendPlaces: tree.backendPlaces,
        args,
        options: hook === 'legacy_editable' ? {} : { config_settings: settings },
        directory: tree.directory,
        python: environment.python,
        work: request.work,
        label: request.label,
        confinement,
      }
      return await runHook(context, one)
    }
    const more = await call(kind === 'wheel' ? 'get_requires_for_build_wheel' : 'get_requires_for_build_editable', [])
    const wanted = more === 'missing' ? [] : textsOf(request, more.value)
    if (wanted.length > 0) await environment.extend(wanted)
    const build: Build = { context, request, kind, tree, call }
    return Object.freeze({
      metadata: () => timed(build, 'metadata', () => prepareMetadata(build)),
      wheel: () => timed(build, kind, () => makeWheel(build)),
      close: environment.dispose,
    })
  } catch (error) {
    environment.dispose()
    throw error
  }
}

async function timed<Result extends BuiltWheel | string | undefined>(
  { context, request }: Build,
  what: BuildKind | 'metadata',
  work: () => Promise<Result>,
): Promise<Result> {
  const { host, report } = context
  const started = host.now()
  const distribution = request.label
  report({ kind: 'build.started', distribution, what })
  const result = await work()
  const file = typeof result === 'object' ? { file: result.parsed.filename } : {}
  report({ kind: 'build.done', distribution, ...file, milliseconds: host.now() - started })
  return result
}

async function makeWheel(build: Build): Promise<BuiltWheel> {
  const { context, request, kind } = build
  const output = context.host.path.join(request.work, 'wheel')
  context.host.disk.makeDirectories(output)
  const answer = await build.call(kind === 'wheel' ? 'build_wheel' : 'build_editable', [output])
  return answer === 'missing' ? await withoutHook(build, output) : wheelIn(context, request, output, answer.value)
}

async function prepareMetadata({ context, request, kind, call }: Build): Promise<string | undefined> {
  const { host } = context
  const output = host.path.join(request.work, 'metadata')
  host.disk.makeDirectories(output)
  const answer = await call(
    kind === 'wheel' ? 'prepare_metadata_for_build_wheel' : 'prepare_metadata_for_build_editable',
    [output],
  )
  if (answer === 'missing') return undefined
  const name = fileNameOf(request, answer.value, /\.dist-info$/)
  const text = host.files.readText(host.path.join(output, name, 'METADATA'))
  if (text === undefined) throw invalid(request, `its backend answered ${name}, and no METADATA is there`)
  return text
}

/** `build_editable` is younger than many backends; `build_wheel` is not. */
async function withoutHook({ context, request, kind, tree, call }: Build, output: string): Promise<BuiltWheel> {
  if (kind === 'wheel') throw invalid(request, `its backend ${tree.backend} has no build_wheel`)
  const tooOld = (): DenError => invalid(request, `its backend ${tree.backend} cannot make editable installs (PEP 660)`)
  if (!/^setuptools\.build_meta/.test(tree.backend)) throw tooOld()
  const where = await call('legacy_editable', [])
  const metadata = context.host.path.join(request.work, 'legacy-metadata')
  context.host.disk.makeDirectories(metadata)
  const prepared = await call('prepare_metadata_for_build_wheel', [metadata])
  if (where === 'missing' || prepared === 'missing' || typeof where.value !== 'string') throw tooOld()
  const distInfo = context.host.path.join(metadata, fileNameOf(request, prepared.value, /\.dist-info$/))
  return legacyEditable(context, { distInfo, modules: where.value, output })
}

function invalid(request: BuildRequest, reason: string): DenError {
  return new DenError('build-invalid', { distribution: request.label, reason })
}

/** "Must return the basename (not the full path) of the .whl file it creates": whatever else it is, it is no path to follow. */
function fileNameOf(request: BuildRequest, value: unknown, ending: RegExp): string {
  if (typeof value !== 'string' || /[\\/]/.test(value) || !ending.test(value))
    throw invalid(request, `its backend answered ${JSON.stringify(value)?.slice(0, 200)}, no file name`)
  return value
}

function textsOf(request: BuildRequest, value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
    throw invalid(request, 'its backend did not answer with a list of requirements')
  return value
}

function wheelIn(context: Context, request: BuildRequest, directory: string, value: unknown): BuiltWheel {
  const { files, path } = context.host
  const file = path.join(directory, fileNameOf(request, value, /\.whl$/))
  if (files.lstat(file)?.kind !== 'file')
    throw invalid(request, `its backend answered ${path.basename(file)}, and there is no such file`)
  return { path: file, parsed: parseWheelFilename(path.basename(file)) }
}
