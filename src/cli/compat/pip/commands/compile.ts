import { DenError } from '../../../../base/error.ts'
import { shellWord } from '../../../../base/shell-word.ts'
import { compileRequirements } from '../../../../commands/compile.ts'
import { normalizeName } from '../../../../spec/name.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { packagesRequest } from '../install-request.ts'

/** den pip compile FILE…; `-` is standard input, as it is to pip-compile and uv. */
export const handle: PipHandler = async (context) => {
  const { core, host, options, operands } = context
  const { dependency_groups: groups = [], requirements_from_scripts: scripts = [], editables = [] } = options
  if (operands.length + groups.length + scripts.length + editables.length === 0) {
    throw new DenError('pip-options-refused', {
      command: 'pip compile',
      because: 'no file is named',
      fix: ['den pip compile requirements.in', 'den pip compile pyproject.toml'],
    })
  }
  const output = options.compile_output === undefined ? undefined : host.path.resolve(host.cwd, options.compile_output)
  const request = packagesRequest({ ...context, operands: [], options: { ...options, requirements: operands } })
  const standardInput = operands.includes('-') ? { standardInput: await readStandardInput() } : {}
  // A Python that is asked for is the first of all; it doesn't choose among wheels here.
  const from = options.universal === true ? (request.target.pythonVersion?.join('.') ?? 'this') : undefined
  const { text, pins, unchanged, warnings, statistics } = await compileRequirements(core, {
    ...(from === undefined ? {} : { universalFrom: from }),
    packages: {
      ...request,
      ...(from === undefined ? {} : { target: {} }),
      wanted: { ...request.wanted, ...standardInput },
    },
    upgrade: options.upgrade === true,
    upgradePackages: options.upgrade_packages ?? [],
    extras: options.all_extras === true ? 'all' : (options.extras ?? []),
    hashes: options.generate_hashes === true,
    leftOut: new Set((options.left_out ?? []).map(normalizeName)),
    stripExtras: options.keep_extras !== true,
    annotate: options.no_annotate !== true,
    header: options.no_header === true ? [] : header(context),
    indexOptions: options.emit_index_url === true,
    ...(output === undefined ? {} : { output }),
    // The option's choices are these.
    ...(options.resolution === undefined
      ? {}
      : { strategy: options.resolution as 'highest' | 'lowest' | 'lowest-direct' }),
  })
  for (const warning of warnings) context.warn(warning)
  context.answer({ pins, unchanged, statistics, ...(output === undefined ? { text } : { path: output }) })
  if (context.json) return 0
  if (output === undefined) context.raw(text.trimEnd())
  else
    context.say(
      unchanged ? `${options.compile_output} is as it was` : `Wrote ${options.compile_output}: ${pins.length} pins`,
    )
  return 0
}

async function readStandardInput(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of process.stdin) pieces.push(piece as Uint8Array)
  return Buffer.concat(pieces)
}

/** The command without passwords, and without what only concerns this run. */
function header({ argv }: PipContext): readonly string[] {
  return [
    'Made by den; what changes it is the command, not an editor:',
    `   ${['den', 'pip', ...argv.map((word) => word.replace(/\/\/[^/@\s]*@/, '//'))].map(shellWord).join(' ')}`,
  ]
}
