// Sizes as pip writes them.

/** pip's way of writing a size. */
export function formatSize(bytes: number): string {
  if (bytes > 1_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`
  if (bytes > 10_000) return `${Math.floor(bytes / 1000)} kB`
  return bytes > 1000 ? `${(bytes / 1000).toFixed(1)} kB` : `${bytes} bytes`
}
