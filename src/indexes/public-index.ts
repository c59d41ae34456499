// The index that is asked where nothing else is configured: the only network addresses in den's sources.

/** The simple API of the Python Package Index. */
export const publicIndex = 'https://pypi.org/simple/'

/** Where its files lie. Nothing is fetched by this: it is what stands in a lock where the same file came from a mirror. */
export const publicFiles = 'https://files.pythonhosted.org/'
