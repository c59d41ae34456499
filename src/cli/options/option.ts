// What an option and a command are, as data. Each is declared once in this folder; the parser, DEN_* variables, `--help`,
// completions and docs/reference/ all read the same declaration.

/** What an option's value can be once it is read. */
export type OptionValue = boolean | number | string | readonly string[]

/** What stands where a value or an operand is expected; completion asks for it. */
export type Completes = 'python' | 'environment' | 'name' | 'directory' | 'file' | 'command' | 'program' | 'shell'

/** One option. `Value` is what `Values.get` answers: boolean for a flag, number for a count, text, or a list of texts. */
export interface Option<Value extends OptionValue = OptionValue> {
  /** The long name without its dashes. */
  readonly name: string
  readonly kind: Value extends boolean
    ? 'flag'
    : Value extends number
      ? 'count'
      : Value extends string
        ? 'text'
        : 'list'
  readonly short?: string
  /** Further long names. */
  readonly aliases?: readonly string[]
  /** Long names that set a flag to false ("no-download"). */
  readonly negations?: readonly string[]
  /** The placeholder of the value in help: "SPEC". Present exactly for `text` and `list`. */
  readonly value?: string
  readonly choices?: readonly string[]
  /** A list that takes every value up to the next option (argparse's `nargs="+"`). */
  readonly greedy?: boolean
  /** A list whose one value may hold several, divided by commas. */
  readonly commas?: boolean
  /** The variable that stands in for the option when the command line does not give it. */
  readonly variable?: string
  /** What holds when nothing is said, in words for the help. */
  readonly fallback?: string
  /** One line of help, without a full stop. */
  readonly help: string
  /** The heading the option stands under in help; "Options" unless said. */
  readonly group?: string
  /** At most one option of the same word may be given. */
  readonly excludes?: string
  readonly completes?: Completes
  /** Needs no operands: the option is all that is asked. */
  readonly alone?: boolean
  /** Left out of help and completion; still accepted and documented. */
  readonly hidden?: boolean
  /** In a peer's grammar: den's own addition, so that the peer's abbreviations stay unambiguous. */
  readonly addition?: boolean
  /** The version of den that first had it. */
  readonly since: string
}

/** What a command takes besides options. */
export interface Operand {
  /** As help shows it: "PATH". */
  readonly name: string
  readonly help: string
  readonly required?: boolean
  readonly many?: boolean
  readonly completes?: Completes
  /** The values that completion offers. */
  readonly choices?: readonly string[]
}

export interface Example {
  readonly line: string
  readonly says: string
}

/**
 * How a command's argv is read: den's own rules, argparse's (unique prefixes of long options; no value that looks like an option), or
 * pip's, which the command reads itself.
 */
export type Grammar = 'den' | 'argparse' | 'pip'

/** One command. Its handler is loaded when the command runs, never before. */
export interface Command {
  /** The words that call it: "create", "env list". */
  readonly name: string
  readonly aliases?: readonly string[]
  /** The heading it stands under in `den --help`. */
  readonly group: CommandGroup
  /** One line, without a full stop. */
  readonly summary: string
  /** Paragraphs for `den help COMMAND`. */
  readonly about?: readonly string[]
  readonly examples?: readonly Example[]
  readonly operands: readonly Operand[]
  readonly options: readonly Option[]
  readonly grammar?: Grammar
  /** Everything from the first operand on belongs to the program that is run. */
  readonly passThrough?: boolean
  /** The program that takes over gets the terminal's signals; den itself watches none. */
  readonly handsOver?: boolean
  /** Left out of `den --help`. */
  readonly hidden?: boolean
  /** The number of its JSON schema, den.NAME/N; absent where the command's stdout belongs to another program. */
  readonly schema?: number
  readonly since: string
  /** The module that carries it out. */
  readonly load: () => Promise<{ readonly handle: Handler }>
}

export const commandGroups = [
  'projects',
  'environments',
  'interpreters',
  'the peers’ own command lines',
  'the machine',
] as const
export type CommandGroup = (typeof commandGroups)[number]

/** Runs the command; answers the exit code. */
export type Handler = (invocation: import('../invocation.ts').Invocation) => Promise<number>

/** Every way to write an option: "-p", "--python". */
export function spellings(option: Option): readonly string[] {
  return [
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    `--${option.name}`,
    ...(option.aliases ?? []).map((name) => `--${name}`),
    ...(option.negations ?? []).map((name) => `--${name}`),
  ]
}

/** "den.env.list/1": the name that a command's JSON carries. */
export function schemaOf(command: Pick<Command, 'name' | 'schema'>): string {
  return `den.${command.name.replaceAll(' ', '.')}/${command.schema ?? 1}`
}
