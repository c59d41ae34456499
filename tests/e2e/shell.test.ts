// `den shell` in the real shells, at a terminal: the user's own start-up files are read, then the environment is active, its name
// drawn once, and `deactivate` leaves it.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { isDenError } from '../../src/base/error.ts'
import { type ShellResult, shell } from '../../src/commands/shell.ts'
import { placesOf } from '../../src/config/places.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import type { Host } from '../../src/host/host.ts'
import { den } from '../kit/den.ts'
import { type Cleanup, scratch } from '../kit/scratch.ts'
import { findShell, interact, runShell, shellEnv } from '../kit/shells.ts'

interface Setting {
  readonly root: string
  readonly start: (name: string, env?: Record<string, string>) => ShellResult
}

function setting(t: Cleanup): Setting {
  const root = scratch(t, {
    'project/.venv/pyvenv.cfg': "home = /usr/bin\nprompt = 'pro $(touch canary) ject'\n",
    'project/.venv/bin/python': '#!/bin/sh\n',
    '.bashrc': "own=read; PS1='P> '\n",
    '.zshrc': "own=read; PS1='P> '\n",
    'zdot/.zshrc': "own=zdot; PS1='P> '\n",
    '.mkshrc': "own=read; PS1='P> '\n",
    '.kshrc': "own=read; PS1='P> '\n",
    '.yashrc': "own=read; PS1='P> '\n",
    '.shrc': "own=read; PS1='P> '\n",
    '.config/fish/config.fish': "set own read; function fish_prompt; echo -n 'P> '; end\n",
    '.cshrc': "set own = read; set prompt = 'P> '\n",
    '.xonshrc': "$own = 'read'\n$PROMPT = '{env_name}P> '\n",
  })
  const start = (name: string, extra: Record<string, string> = {}): ShellResult => {
    const env = { ...shellEnv(root, extra), DEN_HOME: path.join(root, 'den'), DEN_CACHE_DIR: path.join(root, 'cache') }
    const host: Host = { ...defaultHost(), env, home: root, cwd: path.join(root, 'project') }
    return shell({ host, places: placesOf(host), report: () => undefined }, { shell: name })
  }
  return { root, start }
}

const title = 'pro $(touch canary) ject'

for (const {
  name,
  env = {},
  own = 'read',
  say = 'echo "own=$own venv=$VIRTUAL_ENV"',
  after = 'echo "after=${VIRTUAL_ENV-none}"',
  prompt = true,
} of [
  { name: 'bash' },
  { name: 'zsh' },
  { name: 'zsh', env: { ZDOTDIR: 'zdot' }, own: 'zdot', say: 'echo "own=$own venv=$VIRTUAL_ENV"; echo "z=$ZDOTDIR"' },
  { name: 'dash', env: { ENV: '$HOME/.shrc' } },
  { name: 'mksh' },
  { name: 'ksh' },
  { name: 'yash' },
  { name: 'fish' },
  { name: 'tcsh', prompt: false },
  {
    name: 'xonsh',
    say: 'echo @("own=" + $own + " venv=" + $VIRTUAL_ENV)',
    after: 'echo @("after=" + ${...}.get("VIRTUAL_ENV", "none"))',
  },
]) {
  const file = findShell(name)
  const skip =
    file === undefined ? { skip: `NOT TESTED: ${name} is not installed, so den shell was not tried in it` } : {}
  test(
    `den shell in ${name}${Object.keys(env).map((key) => ` with ${key}`)}: own start-up files, then the environment`,
    skip,
    async (t) => {
      const { root, start } = setting(t)
      const extra = Object.fromEntries(
        Object.entries<string>(env).map(([key, value]) => [key, key === 'ZDOTDIR' ? path.join(root, value) : value]),
      )
      const plan = start(file!, extra)
      assert.equal(plan.drawsPrompt, prompt)
      const given = Object.fromEntries(
        Object.entries(plan.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      )
      const lines = prompt ? [say, 'deactivate', after] : [say]
      const shown = await interact([plan.file, ...plan.argv.slice(1)], name === 'fish' ? lines.slice(0, 2) : lines, {
        cwd: path.join(root, 'project'),
        env: given,
        ...(name === 'xonsh' ? { mark: (index: number) => `echo @("mark" + "-${index}-")` } : {}),
      })
      assert.ok(shown.includes(`own=${own} venv=${root}/project/.venv`), shown)
      if (prompt) assert.ok(shown.includes(`(${title}) P> `), shown)
      if (prompt && name !== 'fish') assert.match(shown, /after=none\n/)
      if (name === 'zsh' && own === 'zdot') assert.ok(shown.includes(`z=${root}/zdot`), shown)
      assert.ok(!fs.existsSync(path.join(root, 'project/canary')), 'the prompt was executed')
    },
  )
}

for (const name of ['dash', 'ksh', 'mksh']) {
  const file = findShell(name)
  const skip =
    file === undefined ? { skip: `NOT TESTED: ${name} is not installed, so den shell was not tried in it` } : {}
  test(
    `den shell in ${name} without start-up files of one's own draws the name before the shell's prompt`,
    skip,
    async (t) => {
      const { root, start } = setting(t)
      for (const own of ['.kshrc', '.mkshrc']) fs.rmSync(path.join(root, own))
      const plan = start(file!)
      const env = Object.fromEntries(
        Object.entries(plan.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      )
      const shown = await interact([plan.file, ...plan.argv.slice(1)], ['true'], {
        cwd: path.join(root, 'project'),
        env,
      })
      assert.match(shown, /\(pro \$\(touch canary\) ject\) [#$] /)
    },
  )
}

test('den shell says where the prompt will not show the environment', {
  skip: findShell('tcsh') === undefined ? 'NOT TESTED: tcsh is not installed' : false,
}, async (t) => {
  const cwd = path.join(setting(t).root, 'project')
  const csh = await den(['shell', '--shell', 'tcsh'], { cwd })
  assert.match(csh.stderr, /is active in this tcsh; leave it with exit\nnote: the prompt of tcsh does not show it\n/)
  const sh = await den(['shell', '--shell', 'sh'], { cwd })
  assert.doesNotMatch(sh.stderr, /note/)
})

test('den shell has the environment active for input that is no terminal too', (t) => {
  const { root, start } = setting(t)
  const { file, argv, env } = start('/bin/sh')
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  const result = runShell([file, ...argv.slice(1)], {
    cwd: root,
    env: given,
    input: 'echo "$VIRTUAL_ENV $PATH"\n',
  })
  assert.equal(result.stdout, `${root}/project/.venv ${root}/project/.venv/bin:/usr/bin:/bin\n`)
})

test('shell() says that one is inside already, and names the outer shell of another environment', (t) => {
  const { root, start } = setting(t)
  const venv = path.join(root, 'project/.venv')
  assert.throws(
    () => start('/bin/sh', { DEN_SHELL: venv, VIRTUAL_ENV: venv }),
    (error) => isDenError(error, 'shell-nested'),
  )
  assert.equal(start('/bin/sh', { DEN_SHELL: '/other', VIRTUAL_ENV: '/other' }).inside, '/other')
  assert.equal(start('/bin/sh').inside, undefined)
  assert.throws(
    () => start('no-such-shell'),
    (error) => isDenError(error, 'shell-not-found'),
  )
})

test('shell() keeps PYTHONHOME, the outer environment and its hook out of the new shell', (t) => {
  const { root, start } = setting(t)
  const plan = start('/bin/sh', {
    PYTHONHOME: '/x',
    VIRTUAL_ENV: '/outer',
    PATH: '/outer/bin:/usr/bin',
    _DEN_HOOK_ROOT: '/outer',
  })
  assert.equal(plan.env['PATH'], `${root}/project/.venv/bin:/usr/bin`)
  assert.equal(plan.env['PYTHONHOME'], undefined)
  assert.equal(plan.env['_DEN_HOOK_ROOT'], undefined)
})
