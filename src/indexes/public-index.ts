// The index that is asked where nothing else is configured: the only network address in den's sources.

/** The simple API of the Python Package Index. */
export const publicIndex = 'https://pypi.org/simple/'
