import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePylock } from '../spec/pylock.ts'
import { lockElsewhere, requirementsFile } from './lock-export.ts'

const lock = parsePylock(`lock-version = "1.0"
created-by = "den"

[[packages]]
name = "one"
version = "1.0"
marker = 'os_name == "nt"'
index = "https://own.example.org/simple/"
sdist = {url = "https://files.example.org/one-1.0.tar.gz", hashes = {sha256 = "bb"}}
wheels = [
  {path = "wheels/one-1.0-py3-none-any.whl", hashes = {sha256 = "aa", sha512 = "cc"}},
]

[[packages]]
name = "repo"
marker = 'os_name == "nt"'
vcs = {type = "git", url = "https://git.example.org/repo", requested-revision = "main", commit-id = "abc", subdirectory = "a b"}

[[packages]]
name = "near"
directory = {path = "libs/near", editable = true}

[[packages]]
name = "far"
marker = 'os_name == "nt"'
directory = {path = "../far", subdirectory = "py"}

[[packages]]
name = "archive"
version = "2"
archive = {url = "https://files.example.org/archive-2.zip", hashes = {sha256 = "dd"}}
`)

const options = { hashes: true, publicIndex: 'https://index.example.org/simple' }

test('requirementsFile() has a line for every kind of place', () => {
  assert.equal(
    requirementsFile(lock, { ...options, project: true }),
    `# Made by den export from pylock.toml.
--extra-index-url https://own.example.org/simple/
-e .
one==1.0; os_name == "nt" \\
    --hash=sha256:aa \\
    --hash=sha256:bb \\
    --hash=sha512:cc
repo @ git+https://git.example.org/repo@abc#subdirectory=a%20b ; os_name == "nt"
-e ./libs/near
../far/py ; os_name == "nt"
archive @ https://files.example.org/archive-2.zip \\
    --hash=sha256:dd
`,
  )
  const own = { hashes: false, publicIndex: 'https://own.example.org/simple' }
  assert.doesNotMatch(requirementsFile(lock, own), /hash|index|-e \.$/m)
})

test('lockElsewhere() moves paths and nothing else', () => {
  const moved = lockElsewhere(lock, (path) => `moved/${path}`)
  const paths = moved.packages.flatMap(({ directory, wheels = [] }) => [
    directory?.path,
    ...wheels.map(({ path }) => path),
  ])
  assert.deepEqual(
    paths.filter((path) => path !== undefined),
    ['moved/wheels/one-1.0-py3-none-any.whl', 'moved/libs/near', 'moved/../far'],
  )
  assert.deepEqual(
    lockElsewhere(lock, (path) => path),
    lock,
  )
})
