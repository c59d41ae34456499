// The part of seek-bzip that den uses; it comes without types.

declare module 'seek-bzip' {
  interface Input {
    readByte(): number
    seek(position: number): void
    eof(): boolean
    read(buffer: Uint8Array, offset: number, length: number): number
  }
  interface Output {
    writeByte(byte: number): void
  }
  const Bunzip: { decode(input: Input, output: Output, severalStreams: boolean): unknown }
  export = Bunzip
}
