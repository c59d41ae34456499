// Where the module of a worker thread is, in the sources and in what is built of them.

declare const DEN_VERSION: string | undefined

/** `place`: below the sources' top, without an ending ("store/unpack-worker"); scripts/build.ts lists them all. */
export function workerUrl(place: string): URL {
  if (typeof DEN_VERSION === 'undefined') return new URL(`../${place}.ts`, import.meta.url)
  // Bundled, every file but the entries stands at the top; the entries keep their folders.
  const folder = import.meta.url.slice(0, import.meta.url.lastIndexOf('/'))
  const top = /\/(?:cli|store|install|indexes)$/.test(folder) ? '../' : './'
  return new URL(`${top}${place}.js`, import.meta.url)
}
