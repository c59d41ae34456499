// den's own version. The build puts it in (scripts/build.ts takes it from package.json); run from its sources, den says so.

declare const DEN_VERSION: string

/** "0.1.0", or "0.0.0+source" when den runs from its sources. */
export const denVersion: string = typeof DEN_VERSION === 'string' ? DEN_VERSION : '0.0.0+source'
