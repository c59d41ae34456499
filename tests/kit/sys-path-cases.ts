// Generated situations for the oracle of `den explain`: environments, variables, options and .pth files, varied by a seed. Each is
// made on disk under a folder of the test's, and can be put to a real Python and to den alike.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { PythonOptions } from '../../src/env/explain/flags.ts'
import type { Interpreter } from '../../src/python/interpreter.ts'
import { type Dice, diceFrom } from './random.ts'

export interface SysPathCase {
  /** What is special in it, for the message of a failed comparison. */
  readonly label: string
  readonly executable: string
  readonly options: PythonOptions
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly home: string
}

export interface CaseInput {
  readonly interpreter: Interpreter
  readonly seed: number
  /** An empty folder for this case alone. */
  readonly directory: string
  /** Ready environments of real tools, with the system's packages seen or not; none of them is changed. */
  readonly environments: readonly string[]
}

/** Makes one case on disk. */
export function makeCase({ interpreter, seed, directory, environments }: CaseInput): SysPathCase {
  const dice = diceFrom(seed)
  const { major, minor } = interpreter.version
  const name = `python${major}.${minor}`
  const library = `lib/${name}`
  const cwd = path.join(directory, 'work')
  const home = path.join(directory, 'home')
  for (const made of [cwd, home, path.join(cwd, 'near'), path.join(directory, 'one'), path.join(directory, 'two')]) {
    fs.mkdirSync(made, { recursive: true })
  }
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)

  const userSite = path.join(home, '.local', library, 'site-packages')
  if (dice.random() < 0.6) {
    fs.mkdirSync(userSite, { recursive: true })
    if (dice.random() < 0.5) pthFiles(dice, userSite, directory)
  }

  const executable = chooseExecutable(dice, { interpreter, directory, environments, library, name, note })
  const env: Record<string, string> = { HOME: home, LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin' }
  if (dice.random() < 0.05) env['HOME'] = dice.one(['', '/', `${home}/`])
  variables(dice, env, { interpreter, directory, library, executable, note })
  const options = chooseOptions(dice, { interpreter, cwd, directory, env })
  return { label: notes.join('; '), executable, options, env, cwd, home }
}

interface Making {
  readonly interpreter: Interpreter
  readonly directory: string
  readonly environments: readonly string[]
  readonly library: string
  readonly name: string
  note(text: string): void
}

function chooseExecutable(dice: Dice, making: Making): string {
  const { interpreter, environments, directory, note, name } = making
  const python3 = interpreter.version.major === 3
  const kind = dice.one(
    python3
      ? ['base', 'relocated', 'ready', 'linked', 'linked', 'linked', 'copied', 'relocated-linked']
      : ['base', 'relocated', 'ready', 'ready', 'ready', 'link'],
  )
  if (kind === 'ready' && environments.length > 0) {
    const root = dice.one(environments)
    note(`environment ${path.basename(root)}`)
    // Other cases use the same environment at the same time, so each has its own copy of it.
    const copy = path.join(directory, 'ready')
    fs.cpSync(root, copy, { recursive: true, verbatimSymlinks: true })
    const own = path.join(copy, making.library, 'site-packages')
    // virtualenv 16 reads a file with old Mac line ends as one line, and runs all of it where it starts with an import.
    const ends = fs.existsSync(path.join(copy, making.library, 'orig-prefix.txt')) ? ['\n', '\r\n'] : undefined
    if (dice.random() < 0.6) pthFiles(dice, own, directory, ends)
    return path.join(copy, 'bin/python')
  }
  if (kind === 'link') {
    note('a link to the base')
    const link = path.join(directory, 'link')
    fs.symlinkSync(interpreter.executable, link)
    return link
  }
  if (kind === 'relocated' || kind === 'relocated-linked') {
    const base = relocate(dice, making)
    note('a base in another place')
    if (kind === 'relocated') return path.join(base, 'bin', name)
    return handmade(dice, making, path.join(base, 'bin', name), 'link')
  }
  if (kind === 'linked' || kind === 'copied') {
    return handmade(dice, making, interpreter.executable, kind === 'linked' ? 'link' : 'copy')
  }
  note('the base itself')
  return interpreter.executable
}

/** A base with site-packages of its own: the standard library is linked, entry by entry. */
function relocate(dice: Dice, { interpreter, directory, library, name }: Making): string {
  const base = path.join(directory, 'base')
  fs.mkdirSync(path.join(base, 'bin'), { recursive: true })
  fs.mkdirSync(path.join(base, library, 'site-packages'), { recursive: true })
  for (const entry of fs.readdirSync(interpreter.stdlib)) {
    if (entry === 'site-packages' || entry === 'dist-packages') continue
    fs.symlinkSync(path.join(interpreter.stdlib, entry), path.join(base, library, entry))
  }
  fs.copyFileSync(interpreter.realExecutable, path.join(base, 'bin', name))
  if (dice.random() < 0.3) fs.mkdirSync(path.join(base, 'lib/site-python'), { recursive: true })
  if (dice.random() < 0.5) pthFiles(dice, path.join(base, library, 'site-packages'), directory)
  return base
}

function handmade(dice: Dice, making: Making, base: string, how: 'link' | 'copy'): string {
  const { directory, library, name, note } = making
  const root = path.join(directory, 'env')
  const own = path.join(root, library, 'site-packages')
  fs.mkdirSync(path.join(root, 'bin'), { recursive: true })
  fs.mkdirSync(own, { recursive: true })
  const executable = path.join(root, 'bin', dice.one(['python', name]))
  if (how === 'link') {
    const target = dice.random() < 0.3 ? path.relative(path.dirname(executable), base) : base
    fs.symlinkSync(target, executable)
  } else fs.copyFileSync(fs.realpathSync(base), executable)
  if (dice.random() < 0.2) fs.mkdirSync(path.join(root, 'local', library, 'dist-packages'), { recursive: true })
  const home = path.dirname(base)
  const lines = dice.one([
    [`home = ${home}`, 'include-system-site-packages = false'],
    [`home = ${home}`, 'include-system-site-packages = true'],
    [`home = ${home}`, 'include-system-site-packages = TRUE'],
    [`home = ${home}`],
    ['include-system-site-packages = false'],
    [`home=${home}`, 'include-system-site-packages=false'],
    [`home =  ${home}`, 'include-system-site-packages =  true '],
    [`Home = ${home}`, 'INCLUDE-SYSTEM-SITE-PACKAGES = true'],
    ['include-system-site-packages = true', `home = ${home}`, 'include-system-site-packages = false'],
    [`home = ${home}`, 'home = /nowhere/bin', 'include-system-site-packages = false'],
    ['home = /nowhere/bin', 'include-system-site-packages = false'],
    ['# home = /nowhere', `home = ${home}`, 'no equals sign', 'include-system-site-packages = false'],
    [`\ufeffhome = ${home}`, 'include-system-site-packages = false'],
    [`home = ${home}/`, 'include-system-site-packages = true'],
  ])
  note(`${how}ed environment, pyvenv.cfg ${JSON.stringify(lines)}`)
  const end = dice.one(['\n', '\n', '\n', '\r\n'])
  const place = dice.random() < 0.1 ? path.join(root, 'bin') : root
  fs.writeFileSync(path.join(place, 'pyvenv.cfg'), lines.join(end) + end)
  if (dice.random() < 0.7) pthFiles(dice, own, directory)
  return executable
}

const lineEnds = ['\n', '\n', '\n', '\r\n', '\r']

function pthFiles(dice: Dice, directory: string, root: string, ends: readonly string[] = lineEnds): void {
  fs.mkdirSync(path.join(directory, 'inner'), { recursive: true })
  fs.mkdirSync(path.join(directory, ' spaced'), { recursive: true })
  const line = (): string =>
    dice.one([
      path.join(root, 'one'),
      path.join(root, 'two'),
      path.join(root, 'missing'),
      `${path.join(root, 'one')}/../two`,
      `${path.join(root, 'two')}/`,
      'inner',
      './inner',
      'inner   ',
      'inner\t',
      ' spaced',
      '..',
      '.',
      '',
      '   ',
      '\t',
      '# a comment',
      ' # no comment',
      '#',
      'import sys',
      'import\tsys',
      'import os; os.environ.get("X")',
      'importlib',
      'import _den_no_such_module',
      'inner\f',
      'inner\u00a0',
      'inner\u0085',
      'inner\x1c',
      'inner\vinner',
      '\ufeffinner',
      'import sys; sys.__plen = len(sys.path)',
      "import sys; new=sys.path[sys.__plen:]; del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0); sys.path[p:p]=new; sys.__egginsert = p+len(new)",
    ])
  for (const file of ['a.pth', 'b.pth', 'B.pth', '.hidden.pth', 'c.pth.bak', '\u00e9.pth', 'link.pth']) {
    if (dice.random() >= 0.35) continue
    const lines = Array.from({ length: dice.below(5) }, line)
    // The second of setuptools' two lines raises without the first.
    const eggs = lines.findIndex((one) => one.startsWith('import sys; new='))
    if (eggs !== -1 && !lines.slice(0, eggs).some((one) => one.includes('__plen ='))) lines.splice(eggs, 1)
    const text = lines.join(dice.one(ends)) + dice.one(['\n', ''])
    const target = path.join(directory, file)
    if (file === 'link.pth') fs.writeFileSync(path.join(root, 'linked'), text)
    if (fs.lstatSync(target, { throwIfNoEntry: false }) !== undefined) continue
    if (file === 'link.pth') fs.symlinkSync(dice.one([path.join(root, 'linked'), '/nowhere']), target)
    else fs.writeFileSync(target, dice.random() < 0.1 ? `\ufeff${text}` : text)
  }
}

function variables(
  dice: Dice,
  env: Record<string, string>,
  { interpreter, directory, library, executable, note }: Omit<Making, 'environments' | 'name'> & { executable: string },
): void {
  const set = (name: string, value: string): void => {
    env[name] = value
    note(`${name}=${value}`)
  }
  const own = path.join(path.dirname(path.dirname(executable)), library, 'site-packages')
  if (dice.random() < 0.4) {
    const parts = Array.from({ length: 1 + dice.below(3) }, () =>
      dice.one([
        path.join(directory, 'one'),
        path.join(directory, 'one'),
        `${path.join(directory, 'two')}/`,
        path.join(directory, 'missing'),
        `${directory}/one/../two`,
        `${directory}//one`,
        own,
        'near',
        './near',
        '.',
        '',
      ]),
    )
    set('PYTHONPATH', dice.random() < 0.1 ? '' : parts.join(':'))
  }
  if (dice.random() < 0.08) {
    const { prefix } = interpreter
    set(
      'PYTHONHOME',
      dice.one([prefix, `${prefix}:${prefix}`, `${prefix}/`, '/nowhere', '', `${prefix}/../${path.basename(prefix)}`]),
    )
  }
  if (dice.random() < 0.25) {
    const userBase = path.join(directory, 'user')
    if (dice.random() < 0.7) fs.mkdirSync(path.join(userBase, library, 'site-packages'), { recursive: true })
    if (dice.random() < 0.5) pthFiles(dice, path.join(userBase, library, 'site-packages'), directory)
    set(
      'PYTHONUSERBASE',
      dice.one([userBase, userBase, `${userBase}/`, `${directory}/one/../user`, '../user', '~/base', '']),
    )
  }
  if (dice.random() < 0.15) set('PYTHONNOUSERSITE', dice.one(['1', '0', '', 'yes', ' ', '00', '-1']))
  if (dice.random() < 0.15) set('PYTHONSAFEPATH', dice.one(['1', '0', '']))
  if (dice.random() < 0.03) set('PYTHONPLATLIBDIR', dice.one(['lib64', 'lib']))
  if (dice.random() < 0.03) set('__PYVENV_LAUNCHER__', path.join(directory, 'env/bin/python'))
}

function chooseOptions(
  dice: Dice,
  given: { interpreter: Interpreter; cwd: string; directory: string; env: Readonly<Record<string, string>> },
): PythonOptions {
  const { major, minor } = given.interpreter.version
  const python3 = major === 3
  const flags = {
    isolated: python3 && dice.random() < 0.1,
    ignoreEnvironment: dice.random() < 0.12,
    noUserSite: dice.random() < 0.12,
    noSite: dice.random() < 0.12,
    safePath: python3 && minor >= 11 && dice.random() < 0.1,
  }
  const safe = flags.isolated || flags.safePath || (given.env['PYTHONSAFEPATH'] ?? '') !== ''
  // Without site.py an environment of 2.7 may have no runpy.
  const module = !safe && (python3 || !flags.noSite)
  const kind = dice.one(['command', 'command', 'script', module ? 'module' : 'command'])
  const script = path.join(given.directory, 'one', 'oracle_script.py')
  fs.writeFileSync(script, oracle)
  if (kind === 'module') {
    fs.writeFileSync(path.join(given.cwd, 'oracle_module.py'), oracle)
    return { ...flags, run: { kind: 'module' } }
  }
  if (kind === 'command') return { ...flags, run: { kind: 'command' } }
  if (dice.random() >= 0.4) return { ...flags, run: { kind: 'script', path: script } }
  const link = path.join(given.cwd, 'script-link.py')
  fs.symlinkSync(script, link)
  return { ...flags, run: { kind: 'script', path: link } }
}

/** What both sides answer. */
export interface SysPathAnswer {
  readonly executable: string
  readonly prefix: string
  readonly execPrefix: string
  readonly basePrefix: string
  readonly path: readonly string[]
  readonly sitePackages: readonly string[] | undefined
  readonly userBase: string | undefined
  readonly userSite: string | undefined
  readonly enableUserSite: boolean | undefined
}

// Imports nothing but sys: under -S an environment of 2.7 may have no library to import from.
const oracle = `import sys
def put(key, value):
    sys.stdout.write(key + '=' + value + '\\n')
put('executable', sys.executable)
put('prefix', sys.prefix)
put('execPrefix', sys.exec_prefix)
put('basePrefix', getattr(sys, 'base_prefix', None) or getattr(sys, 'real_prefix', sys.prefix))
put('path', '\\x01'.join(sys.path))
site = sys.modules.get('site')
if site is not None:
    if hasattr(site, 'getsitepackages'):
        put('sitePackages', '\\x01'.join(site.getsitepackages()))
    put('userBase', site.USER_BASE)
    put('userSite', site.USER_SITE)
    put('enableUserSite', str(site.ENABLE_USER_SITE))
`

/** Puts the case to the real Python; a text (what it wrote) where Python does not start. */
export function askOracle(one: SysPathCase): Promise<SysPathAnswer | string> {
  const { options } = one
  const letters = `${options.isolated ? 'I' : ''}${options.ignoreEnvironment ? 'E' : ''}${options.noUserSite ? 's' : ''}${options.noSite ? 'S' : ''}${options.safePath ? 'P' : ''}`
  const run = options.run ?? { kind: 'command' }
  const program = run.kind === 'command' ? ['-c', oracle] : run.kind === 'module' ? ['-m', 'oracle_module'] : [run.path]
  const args = ['-B', ...(letters === '' ? [] : [`-${letters}`]), ...program]
  return new Promise((resolve, reject) => {
    const child = spawn(one.executable, args, { cwd: one.cwd, env: one.env, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] }
    child.stdout.on('data', (chunk: Buffer) => void chunks.out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => void chunks.err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) resolve(Buffer.concat(chunks.err).toString() || `exit code ${code}`)
      else resolve(parseAnswer(Buffer.concat(chunks.out).toString()))
    })
  })
}

function parseAnswer(text: string): SysPathAnswer {
  const values = new Map(
    text
      .slice(0, -1)
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const enable = values.get('enableUserSite')
  return {
    executable: values.get('executable')!,
    prefix: values.get('prefix')!,
    execPrefix: values.get('execPrefix')!,
    basePrefix: values.get('basePrefix')!,
    path: values.get('path')!.split('\x01'),
    sitePackages: values.get('sitePackages')?.split('\x01'),
    userBase: values.get('userBase'),
    userSite: values.get('userSite'),
    enableUserSite: enable === undefined ? undefined : enable === 'True',
  }
}
