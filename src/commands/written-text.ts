// Texts that have to be files: what came from an address or is too long for a command line, and what a project says where a file is asked
// for. In the cache, under a hash of each: they go with what else nobody has used for long.

import { sha256Hex } from '../host/hash.ts'
import type { Core } from './core.ts'

const scriptBucket = 'scripts-v1'

export function writtenText({ host, places }: Core, name: string, text: string): string {
  const directory = host.path.join(places.cache, scriptBucket, sha256Hex(text).slice(0, 24))
  const place = host.path.join(directory, name)
  if (host.files.readText(place) !== text) {
    host.disk.makeDirectories(directory)
    host.disk.writeAtomic(place, text)
  }
  return place
}
