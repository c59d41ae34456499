import { DenError } from '../../../../base/error.ts'
import {
  findPipConfig,
  listPipConfig,
  type ReadPipConfigOptions,
  readPipConfig,
} from '../../../../config/pip-config.ts'
import {
  defaultPipConfigKind,
  type EditableKind,
  type PipConfigTarget,
  pipConfigTarget,
  readPipConfigTarget,
  setPipConfig,
  unsetPipConfig,
} from '../../../../config/pip-config-edit.ts'
import { allPlaces, openPath } from '../../../../config/pip-config-files.ts'
import { pythonRepr } from '../../../../format/python-text.ts'
import { variable } from '../../../../host/host.ts'
import type { PipContext, PipHandler } from '../context.ts'
import { environmentPrefix } from '../environment-prefix.ts'

/** Each action, and the words that it takes. */
const actions: Readonly<Record<string, readonly string[]>> = {
  debug: [],
  edit: [],
  get: ['name'],
  list: [],
  set: ['name', 'value'],
  unset: ['name'],
}

/** pip config ACTION */
export const handle: PipHandler = async (context) => {
  const { operands } = context
  const [action, ...words] = operands
  const expected = action === undefined || !Object.hasOwn(actions, action) ? undefined : actions[action]
  if (action === undefined || expected === undefined) {
    context.error(`Need an action (${Object.keys(actions).join(', ')}) to perform.`)
    return 1
  }
  if (words.length !== expected.length) {
    const example = [action, ...expected.map((word) => `[${word}]`)].join(' ')
    context.error(
      `Got unexpected number of arguments, expected ${expected.length}. (example: "${context.program} config ${example}")`,
    )
    return 1
  }
  const asked = askedKind(context)
  const prefix = environmentPrefix(context.host, context.environment.python)
  const at = prefix === undefined ? {} : { prefix }
  const reading: ReadPipConfigOptions = {
    ...at,
    isolated: context.options.isolated_mode,
    ...(asked === undefined ? {} : { only: asked }),
  }
  const [key = '', value = ''] = words
  switch (action) {
    case 'list':
      for (const entry of listPipConfig(readPipConfig(context.host, reading))) {
        context.say(`${entry.key}=${pythonRepr(entry.value)}`)
      }
      return 0
    case 'debug':
      debug(context, reading)
      return 0
    case 'get': {
      const kind = asked ?? defaultKind(context, prefix)
      const found = findPipConfig(readPipConfig(context.host, { ...reading, only: kind }), key)
      if (found === undefined) {
        context.error(`No such key - ${key}`)
        return 1
      }
      context.say(found.value)
      return 0
    }
    default: {
      const kind = asked ?? defaultKind(context, prefix)
      const target = pipConfigTarget(context.host, kind, { ...at, ...(action === 'unset' ? { key } : {}) })
      if (target === undefined) {
        const reason =
          kind === 'site'
            ? 'no environment is aimed at, whose file it would be'
            : 'PIP_CONFIG_FILE turns all of them off'
        throw new DenError('no-pip-configuration', { reason })
      }
      if (action === 'edit') return edit(context, target)
      const text = readPipConfigTarget(context.host, target)
      const changed =
        action === 'set' ? setPipConfig(text, key, value, target.path) : unsetPipConfig(text, key, target.path)
      if (changed === undefined) {
        context.error(`No such key - ${key}`)
        return 1
      }
      write(context, target, changed)
      return 0
    }
  }
}

function askedKind(context: PipContext): EditableKind | undefined {
  const { options } = context
  const kinds = [
    ['user', options.user_file],
    ['global', options.global_file],
    ['site', options.site_file],
  ] as const
  const asked = kinds.filter(([, given]) => given === true).map(([kind]) => kind)
  if (asked.length <= 1) return asked[0]
  throw new DenError('pip-options-refused', {
    command: 'pip config',
    because: '--user, --global and --site name different files',
    fix: ['leave all but one of them out'],
  })
}

function defaultKind({ host }: PipContext, prefix: string | undefined): EditableKind {
  return prefix === undefined ? 'user' : defaultPipConfigKind(host, prefix)
}

function debug({ host, say }: PipContext, reading: ReadPipConfigOptions): void {
  const config = readPipConfig(host, reading)
  say('env_var:')
  const variables = [...config.variables].sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, value } of variables) {
    say(`  PIP_${name.toUpperCase().replaceAll('-', '_')}=${pythonRepr(value)}`)
  }
  const places = allPlaces(host, reading)
  for (const kind of ['env', 'global', 'site', 'user'] as const) {
    const ofKind = places.filter((each) => each.kind === kind)
    // The user's files are left out altogether where PIP_CONFIG_FILE or --isolated stands in for them.
    if (kind === 'user' && ofKind.length === 0) continue
    say(`${kind}:`)
    for (const place of ofKind) {
      const exists = host.files.stat(openPath(host, place.path)) !== undefined
      say(`  ${place.path}, exists: ${exists ? 'True' : 'False'}`)
      for (const entry of config.files.find(({ path }) => path === place.path)?.entries ?? []) {
        say(`    ${entry.key}: ${entry.value}`.replaceAll('\n', '\n    '))
      }
    }
  }
}

function write(context: PipContext, target: PipConfigTarget, text: string): void {
  const { host } = context
  if (target.redirected) context.warn(`PIP_CONFIG_FILE names the file that is changed: ${target.path}`)
  const file = openPath(host, target.path)
  host.disk.makeDirectories(host.path.dirname(file))
  host.disk.writeAtomic(file, text)
  context.say(`Writing to ${target.path}`)
}

async function edit(context: PipContext, target: PipConfigTarget): Promise<number> {
  const { host, options } = context
  const editor = options.editor ?? variable(host, 'VISUAL') ?? variable(host, 'EDITOR')
  if (editor === undefined) {
    throw new DenError('pip-options-refused', {
      command: 'pip config edit',
      because: 'no editor is known',
      fix: ['name one: --editor PROGRAM', 'or set EDITOR'],
    })
  }
  const file = openPath(host, target.path)
  host.disk.makeDirectories(host.path.dirname(file))
  // The editor is a command line of its own, with options perhaps, and gets the terminal.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const command = host.platform === 'win32' ? `${editor} "${file}"` : `${editor} "$1"`
  const [shell, args] =
    host.platform === 'win32'
      ? (['cmd.exe', ['/d', '/s', '/c', command]] as const)
      : (['/bin/sh', ['-c', command, 'sh', file]] as const)
  const code = await new Promise<number>((resolve) => {
    const child = spawn(shell, [...args], { stdio: 'inherit', env: host.env as NodeJS.ProcessEnv })
    child.on('error', () => resolve(127))
    child.on('close', (done) => resolve(done ?? 1))
  })
  if (code === 0) return 0
  context.error(`Editor Subprocess exited with exit code ${code}`)
  return 1
}
