// docs/reference/uv-commands.md has every option of uv's project commands, and no other.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { optionsOf, rowsOf, uvCommands } from '../../../scripts/uv-commands.ts'
import { peerProgram, skipWithout } from '../../kit/oracle.ts'

const skip = skipWithout(['uv'], 'agreement of the table of uv’s project commands with uv')

for (const uv of uvCommands) {
  test(`every option of uv ${uv.name} is in the table, with words`, { skip }, () => {
    const help = spawnSync(peerProgram('uv'), ['help', '--no-pager', uv.name], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent', COLUMNS: '200', NO_COLOR: '1' },
    })
    assert.equal(help.status, 0, help.stderr)
    const heads = help.stdout.split('\n').filter((line) => /^ {2,6}-/.test(line))
    const options = heads.flatMap(
      (line) =>
        line
          .trim()
          .split(/ {2,}/)[0]!
          .match(/(?<=^|[ ,])--?[a-zA-Z][\w-]*/g) ?? [],
    )
    assert.ok(options.length > 20)
    assert.deepEqual([...optionsOf(uv)].sort(), [...options].sort())
    assert.deepEqual(
      rowsOf(uv)
        .flatMap((row) => row.options)
        .sort(),
      [...options].sort(),
    )
  })
}
