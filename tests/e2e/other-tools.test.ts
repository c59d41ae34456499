// Projects as uv, poetry and pdm keep them: den locks and syncs each as it stands, and changes it in the words that it is written in.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { packageTree, projectScene } from '../kit/project-scene.ts'
import type { Tree } from '../kit/scratch.ts'

/** A library beside the project: the kit's package under another name. */
function library(name: string): Tree {
  const made = packageTree(`[project]\nname = "${name}"\nversion = "0.1"\n`)
  return {
    [`libs/${name}/pyproject.toml`]: made['pyproject.toml'],
    [`libs/${name}/backend.py`]: String(made['backend.py']).replaceAll('shop', name),
    [`libs/${name}/${name}/__init__.py`]: '',
  }
}

test('a project of poetry 1 is locked, synced and changed', async (t) => {
  const manifest = `[tool.poetry]
name = "shop"
version = "0.1"
package-mode = false

[tool.poetry.dependencies]
python = "^3.9"
app = "^1.0"  # not 2 yet
lib = { path = "libs/lib", develop = true }
tls = { version = "*", optional = true }

[tool.poetry.extras]
secure = ["tls"]

[tool.poetry.group.dev.dependencies]
tester = "*"

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
docs = "1.*"
`
  const s = await projectScene(t, { tree: { 'pyproject.toml': manifest, ...library('lib') } })
  if (s === undefined) return
  await s.done('sync')
  assert.equal(s.installed(), 'app==1.0 base==2.0 lib==0.1 tester==1.0')
  assert.equal(await s.inside('import lib; print(lib.__file__)'), path.join(s.root, 'libs/lib/lib/__init__.py'))
  await s.done('sync', '--extra', 'secure', '--group', 'docs')
  assert.equal(s.installed(), 'app==1.0 base==2.0 docs==1.0 lib==0.1 tester==1.0 tls==1.0')

  await s.done('add', 'app>=2')
  await s.done('remove', '--group', 'dev', 'tester')
  const text = fs.readFileSync(path.join(s.root, 'pyproject.toml'), 'utf8')
  assert.equal(text, manifest.replace('"^1.0"', '">=2"').replace('tester = "*"\n', ''))
  // The extra and the group that were synced stay.
  assert.equal(s.installed(), 'app==2.0 base==2.0 docs==1.0 lib==0.1 tls==1.0')
})

test('a project of uv is locked, synced and changed', async (t) => {
  const manifest = `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["app", "lib"]

[tool.uv]
dev-dependencies = ["tester"]
constraint-dependencies = ["app<2"]
override-dependencies = ["base==1.0"]
exclude-dependencies = ["tls"]

[tool.uv.sources]
lib = { path = "libs/lib", editable = true }  # ours
`
  const s = await projectScene(t, { tree: { 'pyproject.toml': manifest, ...library('lib'), ...library('other') } })
  if (s === undefined) return
  await s.done('sync')
  assert.equal(s.installed(), 'app==1.0 base==1.0 lib==0.1 tester==1.0')
  await s.done('add', '--editable', './libs/other')
  await s.done('remove', 'lib')
  const text = fs.readFileSync(path.join(s.root, 'pyproject.toml'), 'utf8')
  assert.equal(
    text,
    manifest
      .replace('"lib"', '"other"')
      .replace(/lib = .*\n/, '# ours\nother = { path = "libs/other", editable = true }\n'),
  )
  assert.equal(s.installed(), 'app==1.0 base==1.0 other==0.1 tester==1.0')
})

test('a project of pdm is locked and synced with all its groups', async (t) => {
  const manifest = `[project]
name = "shop"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["app"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
test = ["tester", "-e file:///\${PROJECT_ROOT}/libs/lib#egg=lib"]
doc = ["docs"]
[tool.pdm.resolution.overrides]
base = "1.0"
`
  const s = await projectScene(t, { tree: { 'pyproject.toml': manifest, ...library('lib') } })
  if (s === undefined) return
  // app 2.0 asks for base>=2.0; the override decides.
  await s.done('sync')
  assert.equal(s.installed(), 'app==2.0 base==1.0 docs==1.0 lib==0.1 tester==1.0')
  await s.done('sync', '--only-group', 'doc')
  assert.equal(s.installed(), 'docs==1.0')
})

test('a word of [tool.den] that means nothing is told, with the one that is nearest', async (t) => {
  const tree = { 'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\n[tool.den]\nconflict = []\n' }
  const s = await projectScene(t, { tree })
  if (s === undefined) return
  const { stderr } = await s.done('lock')
  assert.match(stderr, /warning\[unknown-project-setting\]: line 5 of .*pyproject\.toml sets conflict/)
  assert.match(stderr, /write conflicts/)
})
