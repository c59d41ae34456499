// A script in place of a project: what the commands about projects take for it.

import type { Option } from './option.ts'

export const script: Option<string> = {
  name: 'script',
  kind: 'text',
  value: 'FILE',
  completes: 'file',
  help: 'This script and what its metadata (# /// script) says, instead of the project',
  since: '0.1.0',
}
