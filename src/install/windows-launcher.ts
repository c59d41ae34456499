// Console scripts on Windows: a small .exe with a `#!` line and a zip holding __main__.py at its end, in the layout that distlib, pip
// and uv share. The exe's bytes come from assets/launchers and are loaded only when a script is made for Windows.

import { DenError } from '../base/error.ts'
import { type ScriptHeaderOptions, scriptHeader } from '../env/shebang.ts'
import { crc32 } from '../host/inflate.ts'
import { entryPointBody } from './scripts.ts'

/** The launchers' names by what `platform.machine()` says: `t` has a console, `w` has none. */
function launcherFile(machine: string, gui: boolean): string | undefined {
  const kind = gui ? 'w' : 't'
  switch (machine.toLowerCase()) {
    case 'amd64':
    case 'x86_64':
      return `${kind}64.exe`
    case 'arm64':
    case 'aarch64':
      return `${kind}64-arm.exe`
    case 'x86':
    case 'i386':
    case 'i686':
      return `${kind}32.exe`
    default:
      return undefined
  }
}

/** The bytes of NAME.exe. Throws `no-launcher` for a machine that there is none for. */
export async function windowsLauncher(
  script: { readonly module: string; readonly attribute: string },
  options: ScriptHeaderOptions & { readonly machine: string },
): Promise<Uint8Array> {
  const { launcherBytes } = await import('./launchers.generated.ts')
  const base64 = launcherBytes[launcherFile(options.machine, options.gui === true) ?? '']
  if (base64 === undefined) throw new DenError('no-launcher', { machine: options.machine })
  const archive = storedZip('__main__.py', Buffer.from(entryPointBody(script)))
  return Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from(launcherHeader(options)), archive])
}

/** One line: the launcher looks for it right before the zip, and for its own directory where it says `<launcher_dir>`. */
function launcherHeader(options: ScriptHeaderOptions): string {
  const line = scriptHeader({ ...options, platform: 'win32' }).split('\n', 1)[0]!
  return options.relocatable === true ? `#!<launcher_dir>\\${line.slice('#!'.length)}\n` : `${line}\n`
}

/** A zip with one stored file, dated 1980-01-01 so that the same script has the same bytes everywhere. */
export function storedZip(name: string, data: Uint8Array): Uint8Array {
  const rawName = Buffer.from(name)
  const crc = crc32(data)
  const shared = (at: number, header: Buffer): Buffer => {
    header.writeUInt16LE(20, at)
    header.writeUInt16LE(0x21, at + 8)
    header.writeUInt32LE(crc, at + 10)
    header.writeUInt32LE(data.length, at + 14)
    header.writeUInt32LE(data.length, at + 18)
    header.writeUInt16LE(rawName.length, at + 22)
    return header
  }
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(20, 4)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length + rawName.length, 12)
  end.writeUInt32LE(local.length + rawName.length + data.length, 16)
  return Buffer.concat([shared(4, local), rawName, data, shared(6, central), rawName, end])
}
