// The search path where no variable says one.

/** Where programs are where no PATH was given: what execvp(3) and the shells take then. Never the working directory. */
export const systemPath = '/usr/bin:/bin'
