import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../tests/kit/fake-host.ts'
import { interpreter, windowsInterpreter } from '../../tests/kit/interpreters.ts'
import { isDenError } from '../base/error.ts'
import { parsePyvenvCfg } from '../spec/pyvenv-cfg.ts'
import { type CfgOptions, differencesFrom, environmentCfg, settingsOf } from './cfg.ts'
import { venvCommand } from './venv-command.ts'

const python = interpreter('3.13.0')
const base = { executable: python.executable, home: '/opt/python/3.13.0/bin' }
const plain = { systemSitePackages: false, copies: false, relocatable: false }

function cfg(changes: Partial<CfgOptions> = {}): string {
  return environmentCfg({ interpreter: python, base, settings: plain, version: '1.2', seeds: [], ...changes })
}

test("environmentCfg() writes venv's keys in venv's order, then virtualenv's, then den's", () => {
  assert.equal(
    cfg({
      settings: { systemSitePackages: true, copies: true, relocatable: true, prompt: "it's" },
      seeds: ['pip', 'wheel'],
      command: '/p -m venv /e',
    }),
    [
      'home = /opt/python/3.13.0/bin',
      'include-system-site-packages = true',
      'version = 3.13.0',
      'prompt = "it\'s"',
      'executable = /opt/python/3.13.0/bin/python3.13',
      'command = /p -m venv /e',
      'implementation = CPython',
      'version_info = 3.13.0.final.0',
      'base-prefix = /opt/python/3.13.0',
      'base-exec-prefix = /opt/python/3.13.0',
      'base-executable = /opt/python/3.13.0/bin/python3.13',
      'relocatable = true',
      'copies = true',
      'seed = pip, wheel',
      'den = 1.2',
      '',
    ].join('\n'),
  )
})

test('environmentCfg() keeps a prompt on its line and refuses a path that breaks one', () => {
  const read = parsePyvenvCfg(cfg({ settings: { ...plain, prompt: 'a\nhome = /evil' } }))
  assert.equal(read.firstHome, base.home)
  assert.deepEqual(read.duplicates, [])
  assert.equal(settingsOf(read).prompt, 'a\nhome = /evil')
  assert.throws(
    () => cfg({ base: { ...base, home: '/a\nhome = /evil' } }),
    (error) => isDenError(error, 'unwritable-value'),
  )
})

test('environmentCfg() gives GraalPy on Windows what its launcher reads', () => {
  const graalpy = windowsInterpreter('3.11.7', { implementation: 'graalpy' })
  assert.match(
    cfg({ interpreter: graalpy, base: { executable: 'C:\\g.exe', home: 'C:\\' } }),
    /^venvlauncher_command = C:\\g\.exe$/m,
  )
})

test('settingsOf() reads back what environmentCfg() wrote', () => {
  const settings = { systemSitePackages: true, copies: true, relocatable: true, prompt: 'p' }
  assert.deepEqual(settingsOf(parsePyvenvCfg(cfg({ settings }))), settings)
  assert.deepEqual(settingsOf(parsePyvenvCfg(cfg())), plain)
})

test('differencesFrom() compares what was asked for and nothing else', () => {
  const host = fakeHost()
  const there = parsePyvenvCfg(cfg())
  assert.deepEqual(differencesFrom(host, there, { settings: {} }), [])
  assert.deepEqual(differencesFrom(host, there, { settings: plain, interpreter: python }), [])
  assert.deepEqual(
    differencesFrom(host, there, { settings: { prompt: 'x', copies: true }, interpreter: interpreter('3.12.1') }),
    ['its Python is 3.13.0, 3.12.1 was asked for', 'its Python is a link', 'it has no prompt of its own'],
  )
  const elsewhere = interpreter('3.13.0', { prefix: '/elsewhere' })
  assert.deepEqual(differencesFrom(host, there, { settings: {}, interpreter: elsewhere }), [
    'its Python is the one in /opt/python/3.13.0/bin, /elsewhere/bin/python3.13 was asked for',
  ])
})

test('differencesFrom() knows one interpreter under two names', () => {
  const real = '/opt/python/3.13.0/bin/python3.13'
  const host = fakeHost({ files: { [real]: '', '/usr/local/bin/python3.13': { link: real } } })
  const there = parsePyvenvCfg('home = /usr/local/bin\nversion = 3.13.0\n')
  assert.deepEqual(differencesFrom(host, there, { settings: {}, interpreter: python }), [])
})

test('differencesFrom() is silent on copies where the maker did not say', () => {
  const there = parsePyvenvCfg(
    'home = /opt/python/3.13.0/bin\nversion = 3.13.0\ninclude-system-site-packages = false\n',
  )
  assert.deepEqual(differencesFrom(fakeHost(), there, { settings: { copies: true } }), [])
})

test("venvCommand() is venv's own line, from 3.11 on", () => {
  const flags = {
    copies: true,
    systemSitePackages: true,
    existing: 'clear',
    prompt: 'p',
    seeds: {},
    ignoreFiles: false,
  }
  assert.equal(
    venvCommand(python, base, flags, '/e'),
    `${base.executable} -m venv --copies --without-pip --system-site-packages --clear --prompt="p" --without-scm-ignore-files /e`,
  )
  assert.equal(venvCommand(interpreter('3.10.1'), base, flags, '/e'), undefined)
  assert.equal(venvCommand(python, base, flags, '/ends with a space '), undefined)
  assert.equal(venvCommand(python, base, { seeds: { pip: 'embed' } }, '/e'), `${base.executable} -m venv /e`)
})
