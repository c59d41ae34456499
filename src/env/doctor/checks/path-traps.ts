// Check 15: something about the path itself: characters that PATH, shells or `#!` lines cannot carry, a disk that is synchronized,
// remote, without execution or without case.

import { ifReadable } from '../../quietly.ts'
import type { EnvironmentCheck, Found } from '../check.ts'
import type { Examination, ScriptFile } from '../examination.ts'
import { mountOf } from '../mount.ts'
import { word } from '../word.ts'

export const pathTrapsCheck: EnvironmentCheck = {
  id: 'path-traps',
  title: 'the path carries no trap',
  scope: 'environment',
  run(examination) {
    return [...characters(examination), ...firstLines(examination), ...disk(examination)]
  },
}

function characters({ environment, context }: Examination): readonly Found[] {
  const { root } = environment
  const { path, platform } = context.host
  const move = ['move it: den env mv OLD NEW, to a path without that character']
  const shown = JSON.stringify(root)
  const found: Found[] = []
  const rest = platform === 'win32' ? root.replace(/^[A-Za-z]:/, '') : root
  if (rest.includes(path.delimiter)) {
    found.push({
      severity: 'error',
      what: `the path ${shown} holds ${JSON.stringify(path.delimiter)}`,
      why: 'it separates the directories in PATH, so that activation adds two that do not exist',
      fix: move,
    })
  }
  if (/[\r\n]/.test(root)) {
    found.push({
      severity: 'error',
      what: `the path ${shown} holds a line break`,
      why: '`#!` lines and pyvenv.cfg end there; nothing that names the path works',
      fix: move,
    })
  }
  if (root.includes('!')) {
    found.push({
      severity: 'warning',
      what: `the path ${shown} holds \`!\``,
      why: 'csh and tcsh take it for history even between quotes, and cannot activate the environment',
      fix: move,
    })
  }
  if (root.includes('\uFFFD')) {
    found.push({
      severity: 'error',
      what: `the path ${shown} is not valid UTF-8`,
      why: 'its bytes cannot be written into scripts and settings without changing them',
      fix: ['rename the directory'],
    })
  }
  const synchronized =
    /[/\\](OneDrive[^/\\]*|Dropbox|Google Drive|iCloud Drive|Mobile Documents|Nextcloud|pCloud ?Drive)[/\\]/.exec(
      `${root}/`,
    )
  if (synchronized !== null) {
    found.push({
      severity: 'warning',
      what: `${root} is in ${synchronized[1]}, which is synchronized`,
      why: 'thousands of small files and links are copied about; links come back as files, and files may be there by name only',
      fix: [`keep the environment elsewhere: den env mv ${word(root)} NEW`, 'or keep it out of the synchronization'],
    })
  }
  return found
}

/** Kernels before Linux 5.1 read 127 bytes of the first line; none takes a space for a part of the path. */
function firstLines(examination: Examination): readonly Found[] {
  const { environment, context, scripts } = examination
  if (context.host.platform === 'win32') return []
  const start = `#!${environment.paths.scripts}/`
  const lineOf = ({ head }: ScriptFile): string => head.split('\n', 1)[0]!
  const own = scripts().filter((script) => lineOf(script).startsWith(start))
  const spaced = /\s/.test(environment.paths.scripts) ? own : []
  const long = own.filter((script) => !spaced.includes(script) && new TextEncoder().encode(lineOf(script)).length > 127)
  const found: Found[] = []
  const report = (scripts: readonly ScriptFile[], why: string, severity: 'error' | 'warning'): void => {
    if (scripts.length === 0) return
    const names = scripts.map(({ name }) => name)
    found.push({
      severity,
      what: `the first line of ${names.length === 1 ? 'the script' : `${names.length} scripts, such as`} ${names[0]!} cannot be read by ${severity === 'error' ? 'the system' : 'every system'}`,
      why,
      fix: [`den repair ${word(environment.root)}`],
      repair: [{ kind: 'headers', scripts: names }],
    })
  }
  report(spaced, 'the path holds a space, where a `#!` line ends the name of the program', 'error')
  report(long, 'it is longer than 127 bytes, where Linux before 5.1 cuts it; some systems do so earlier', 'warning')
  return found
}

const remote: ReadonlyMap<string, string> = new Map([
  ['nfs', 'NFS'],
  ['nfs4', 'NFS'],
  ['cifs', 'SMB'],
  ['smb3', 'SMB'],
  ['smbfs', 'SMB'],
  ['fuse.sshfs', 'sshfs'],
  ['fuse.rclone', 'rclone'],
  ['afs', 'AFS'],
  ['vboxsf', "VirtualBox's shared folders"],
  ['fuse.vmhgfs-fuse', "VMware's shared folders"],
  ['virtiofs', 'virtiofs'],
])

function disk({ environment, context }: Examination): readonly Found[] {
  const { root } = environment
  const { host } = context
  const mount = mountOf(host, root)
  const found: Found[] = []
  if (mount?.options.includes('noexec') === true) {
    found.push({
      severity: 'error',
      what: `${root} is on a disk mounted without execution`,
      why: `${mount.point} is mounted noexec: no script in ${environment.paths.scripts} can be started, nor any compiled module be loaded`,
      fix: [`den env mv ${word(root)} NEW, on another disk`, `mount -o remount,exec ${mount.point}`],
    })
  }
  const kind = mount === undefined ? undefined : remote.get(mount.type)
  if (kind !== undefined) {
    found.push({
      severity: 'note',
      what: `${root} is on a remote disk (${kind}, ${mount!.point})`,
      why: 'Python looks at hundreds of files when it starts; over a network that takes its time, and other machines may lack the base',
      fix: [`keep it on a local disk: den env mv ${word(root)} NEW`],
    })
  }
  // macOS and Windows are without case as a rule, and people expect it there.
  if (host.platform === 'linux' && withoutCase(environment.paths.scripts, host.files)) {
    found.push({
      severity: 'note',
      what: `${root} is on a disk that takes upper and lower case for the same`,
      why: 'packages whose files differ in case only overwrite each other',
      fix: [],
    })
  }
  return found
}

function withoutCase(directory: string, files: Examination['context']['host']['files']): boolean {
  const real = ifReadable(() => files.lstat(directory))
  const other = ifReadable(() => files.lstat(directory.replace(/[^/]+$/, (name) => name.toUpperCase())))
  return real !== undefined && other !== undefined && real.inode === other.inode && real.device === other.device
}
