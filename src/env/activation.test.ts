import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDenError } from '../base/error.ts'
import { type ActivationOptions, activationEntries, isVulnerableActivate, vulnerableActivate } from './activation.ts'
import type { EnvironmentPaths } from './plan.ts'

function posixPaths(root: string): EnvironmentPaths {
  const site = `${root}/lib/python3.13/site-packages`
  return {
    root,
    scripts: `${root}/bin`,
    python: `${root}/bin/python`,
    purelib: site,
    platlib: site,
    include: '',
    data: root,
  }
}

function scriptsOf(
  options: Partial<ActivationOptions> = {},
): Map<string, { readonly text: string; readonly mode?: number }> {
  const root = options.root ?? '/home/me/env'
  const entries = activationEntries({ root, paths: posixPaths(root), platform: 'linux', ...options })
  return new Map(
    entries.map((entry) => {
      assert.equal(entry.kind, 'file')
      return [entry.path, entry]
    }),
  )
}

test('activationEntries() makes one script a shell, and one that may be executed by mistake', () => {
  const scripts = scriptsOf()
  assert.deepEqual([...scripts.keys()].sort(), [
    'bin/Activate.ps1',
    'bin/activate',
    'bin/activate.csh',
    'bin/activate.fish',
    'bin/activate.nu',
    'bin/activate.xsh',
    'bin/activate_this.py',
  ])
  assert.equal(scripts.get('bin/activate')?.mode, 0o755)
  assert.ok([...scripts].every(([name, { mode }]) => name === 'bin/activate' || mode === undefined))
})

test('activationEntries() on Windows has the batch files, with its line ends, and no csh', () => {
  const root = 'C:\\Users\\me\\env'
  const site = `${root}\\Lib\\site-packages`
  const paths = { root, scripts: `${root}\\Scripts`, python: '', purelib: site, platlib: site, include: '', data: root }
  const scripts = scriptsOf({ root, paths, platform: 'win32', prompt: '50% "off"' })
  assert.ok(!scripts.has('Scripts/activate.csh'))
  const batch = scripts.get('Scripts/activate.bat')!.text
  assert.match(batch, /set "VIRTUAL_ENV_PROMPT=50%% 'off'"\r\n/)
  assert.ok(!/(?<!\r)\n/.test(batch))
  assert.match(scripts.get('Scripts/activate_this.py')!.text, /for _site in \[\['Lib', 'site-packages'\]\]:/)
  assert.match(scripts.get('Scripts/activate')!.text, /_den_bin='C:\\Users\\me\\env\\Scripts'\n/)
})

test('activationEntries() writes for the shells asked for', () => {
  assert.deepEqual([...scriptsOf({ shells: ['fish', 'python'] }).keys()], ['bin/activate.fish', 'bin/activate_this.py'])
})

test('activationEntries() leaves no placeholder, and takes none out of a value', () => {
  const prompt = '@SITES@ @PROMPT@'
  for (const [name, { text }] of scriptsOf({ prompt })) {
    assert.equal(text.replaceAll(prompt, '').match(/@[A-Z]+@/), null, name)
    assert.ok(text.includes(prompt), name)
  }
})

test('activationEntries() with `relocatable` puts the path into no script', () => {
  for (const [name, { text }] of scriptsOf({ relocatable: true })) assert.ok(!text.includes('/home/me/env'), name)
})

test('activationEntries() refuses control characters, of which terminals and shells make something else', () => {
  for (const prompt of ['a\nb', 'a\rb', 'a\0b', '\x1b]0;x\x07', 'a\x85b', 'a\u2028b', '\ud800']) {
    assert.throws(
      () => scriptsOf({ prompt }),
      (error) => isDenError(error, 'environment-prompt-unusable'),
      JSON.stringify(prompt),
    )
  }
  assert.throws(
    () => scriptsOf({ root: '/home/a\nb' }),
    (error) => isDenError(error, 'environment-path-unusable'),
  )
})

test('vulnerableActivate() recognises the templates that leave path or prompt to the shell, and those that quote', () => {
  const venv312 = 'VIRTUAL_ENV="/home/me/env"\nexport VIRTUAL_ENV\n'
  const venv3130 = '        export VIRTUAL_ENV="/home/me/env"\n'
  const csh = 'setenv VIRTUAL_ENV "/home/me/env"\n'
  const fish = 'set -gx VIRTUAL_ENV "/home/me/env"\n'
  for (const text of [venv312, venv3130, csh, fish]) assert.equal(vulnerableActivate(text), 'path', text)
  const uv = `VIRTUAL_ENV='/home/me/env'\nif [ "xname" != x ] ; then\n    VIRTUAL_ENV_PROMPT="name"\n`
  const virtualenv20 = `VIRTUAL_ENV='/home/me/env'\n    if [ "x" != x ] ; then\n`
  for (const text of [uv, virtualenv20]) assert.equal(vulnerableActivate(text), 'prompt', text)
  const venv3131 = 'export VIRTUAL_ENV=/home/me/env\nVIRTUAL_ENV_PROMPT=name\nexport VIRTUAL_ENV_PROMPT\n'
  const virtualenv21 = `VIRTUAL_ENV="$CURRENT_ENV"\n    if [ "x"name != x ] ; then\n        VIRTUAL_ENV_PROMPT=name\n`
  for (const text of [venv3131, virtualenv21]) assert.equal(vulnerableActivate(text), undefined, text)
  for (const [name, { text }] of scriptsOf({ prompt: 'name' })) assert.ok(!isVulnerableActivate(text), name)
})
