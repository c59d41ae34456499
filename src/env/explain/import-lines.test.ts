import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeHost } from '../../../tests/kit/fake-host.ts'
import { readImportLine } from './import-lines.ts'
import { openWorld } from './world.ts'

const site = '/env/lib/python3.12/site-packages'
const read = (line: string, files: Record<string, string> = {}) =>
  readImportLine(line, { world: openWorld(fakeHost({ files })), directory: site, searched: [site] })

test('readImportLine() knows the lines of setuptools and virtualenv that change no path', () => {
  const precedence =
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; enabled and __import__('_distutils_hack').add_shim();"
  assert.equal(read(precedence).kind, 'nothing')
  assert.equal(read('import _virtualenv', { [`${site}/_virtualenv.py`]: '' }).kind, 'nothing')
  const namespace =
    "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1).f_locals['sitedir'], *('google',));m = None"
  assert.equal(read(namespace).kind, 'nothing')
})

test('readImportLine() reports a module that is not there', () => {
  assert.deepEqual(read('import _virtualenv'), { kind: 'fails', module: '_virtualenv' })
})

test('readImportLine() finds the entry of an editable install with namespace packages', () => {
  const line = 'import __editable___app_1_0_finder; __editable___app_1_0_finder.install()'
  const finder = (namespaces: string): Record<string, string> => ({
    [`${site}/__editable___app_1_0_finder.py`]: `MAPPING = {}\nNAMESPACES: dict[str, list[str]] = ${namespaces}\nPATH_PLACEHOLDER = '__editable__.app-1.0.finder' + ".__path_hook__"\n`,
  })
  assert.equal(read(line, finder('{}')).kind, 'nothing')
  const effect = read(line, finder("{'ns': ['/src/ns']}"))
  assert.equal(effect.kind, 'append')
  assert.equal(effect.kind === 'append' && effect.path, '__editable__.app-1.0.finder.__path_hook__')
})

test('readImportLine() guesses nothing of unknown code', () => {
  assert.equal(read('import os; exec("print(1)")').kind, 'unknown')
  assert.equal(read('import mystery').kind, 'unknown')
  assert.equal(read('import mystery', { [`${site}/mystery.py`]: 'x = 1' }).kind, 'unknown')
})

test('readImportLine() follows the pair of lines that moves eggs to the front', () => {
  assert.equal(read('import sys; sys.__plen = len(sys.path)').kind, 'mark-end')
  const back =
    "import sys; new=sys.path[sys.__plen:]; del sys.path[sys.__plen:]; p=getattr(sys,'__egginsert',0); sys.path[p:p]=new; sys.__egginsert = p+len(new)"
  assert.equal(read(back).kind, 'move-to-front')
})
