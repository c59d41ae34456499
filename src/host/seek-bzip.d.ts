// seek-bzip comes without types; what den uses of it is described where it is used (decompress.ts).

declare module 'seek-bzip'
