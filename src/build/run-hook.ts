// One hook of a build backend, called in a Python of its own: assets/build/hook.py with a request, and an answer, in files. What the
// backend says is told live and kept for the error.

import { DenError, isDenError } from '../base/error.ts'
import { isJsonObject, tryParseJson } from '../format/json.ts'
import type { Context } from '../host/host.ts'
import type { Confinement } from './confine.ts'
import { buildTexts } from './hook-script.generated.ts'

/** The hooks of PEP 517 and 660, and what stands in for `build_editable` where a backend is too old to have it. */
export type HookName =
  | 'get_requires_for_build_wheel'
  | 'get_requires_for_build_editable'
  | 'prepare_metadata_for_build_wheel'
  | 'prepare_metadata_for_build_editable'
  | 'build_wheel'
  | 'build_editable'
  | 'legacy_editable'

export interface HookRequest {
  readonly hook: HookName
  /** "setuptools.build_meta:__legacy__". */
  readonly backend: string
  /** The directories of `backend-path`, absolute. */
  readonly backendPlaces: readonly string[]
  readonly args: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
  /** The source tree. */
  readonly directory: string
  /** The Python to run it with, absolute. */
  readonly python: string
  /** A directory of the caller's for the request and the answer. */
  readonly work: string
  /** How messages name what is being built. */
  readonly label: string
  readonly confinement: Confinement
}

/** Lines of a backend's output that an error shows; all of it was told live. */
const keptLines = 60

/**
 * Calls the hook. `missing` where the backend doesn't have it. Throws `build-failed` with the end of what the backend said,
 * `build-timeout`, `aborted`, and what the disk throws.
 */
export async function runHook(
  context: Context,
  request: HookRequest,
): Promise<{ readonly value: unknown } | 'missing'> {
  const { host } = context
  const { path, disk, files } = host
  const { confinement, label, hook } = request
  const script = path.join(request.work, 'hook.py')
  if (files.lstat(script) === undefined) disk.writeNew(script, buildTexts['build/hook.py']!)
  const asked = path.join(request.work, `${hook}.request.json`)
  const answer = path.join(request.work, `${hook}.answer.json`)
  const { backend, backendPlaces: places, args, options } = request
  disk.writeAtomic(asked, JSON.stringify({ hook, backend, places, args, options, answer }))
  if (files.lstat(answer) !== undefined) disk.removeFile(answer)

  const said = lineTail((line) => context.report({ kind: 'build.output', distribution: label, line }))
  const command = confinement.command([request.python, script, asked])
  let code: number | undefined
  let endedBy: string | undefined
  try {
    const result = await host.spawn({
      command: command[0]!,
      args: command.slice(1),
      cwd: request.directory,
      env: confinement.environment,
      timeout: confinement.seconds * 1000,
      // It is kept by `said`; the result needs none of it.
      limit: 0,
      signal: context.signal,
      onOutput: said.add,
      endGroup: true,
    })
    code = result.code
    endedBy = result.signal
  } catch (error) {
    if (isDenError(error, 'spawn-timeout'))
      throw new DenError('build-timeout', { distribution: label, hook, seconds: confinement.seconds, said: said.end() })
    throw error
  }
  // What a backend returns need not be JSON, and it could write there itself.
  const told = tryParseJson(files.readText(answer) ?? '')
  if (code !== 0 || !isJsonObject(told)) {
    const network = confinement.network
    throw new DenError('build-failed', { distribution: label, hook, code, endedBy, said: said.end(), network })
  }
  return told['missing'] === true ? 'missing' : { value: told['value'] }
}

/** Cuts chunks into lines, tells each, and keeps the last ones. */
function lineTail(tell: (line: string) => void): {
  readonly add: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => void
  readonly end: () => readonly string[]
} {
  const kept: string[] = []
  const open = { stdout: { text: '', decoder: new TextDecoder() }, stderr: { text: '', decoder: new TextDecoder() } }
  const put = (line: string): void => {
    tell(line)
    kept.push(line)
    if (kept.length > keptLines) kept.shift()
  }
  return {
    add: (chunk, name) => {
      const stream = open[name]
      const lines = (stream.text + stream.decoder.decode(chunk, { stream: true })).split(/\r?\n/)
      // A line without an end is not kept for ever.
      stream.text = (lines.pop() ?? '').slice(-65_536)
      for (const line of lines) put(line)
    },
    end: () => {
      for (const stream of [open.stdout, open.stderr]) {
        if (stream.text !== '') put(stream.text)
        stream.text = ''
      }
      return kept
    },
  }
}
