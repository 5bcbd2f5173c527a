/** What a tokenizer must know of a language to keep out of its strings and comments. */
export interface Syntax {
  lineComments: readonly string[];
  blockComments: readonly (readonly [open: string, close: string])[];
  /** Delimiters of strings, longest first. */
  quotes: readonly string[];
  /** Those of the quotes whose strings may run over several lines. */
  multilineQuotes: readonly string[];
  /** Whether `/…/` may be a regular expression. */
  regex: boolean;
  /** Whether `'` may also stand alone (Rust's lifetimes): a string only when it closes after one character. */
  loneApostrophe: boolean;
  /** Whether indentation is what groups lines. */
  indented: boolean;
}

const cLike: Syntax = {
  lineComments: ['//'],
  blockComments: [['/*', '*/']],
  quotes: ['"', "'"],
  multilineQuotes: [],
  regex: false,
  loneApostrophe: false,
  indented: false,
};
const javascript: Syntax = { ...cLike, quotes: ['"', "'", '`'], multilineQuotes: ['`'], regex: true };
const backquoted: Syntax = { ...cLike, quotes: ['"', "'", '`'], multilineQuotes: ['`'] };
const hash: Syntax = { ...cLike, lineComments: ['#'], blockComments: [], multilineQuotes: ['"', "'"] };
const python: Syntax = {
  ...hash,
  quotes: ['"""', "'''", '"', "'"],
  multilineQuotes: ['"""', "'''"],
  indented: true,
};
const dashes: Syntax = { ...cLike, lineComments: ['--'], blockComments: [['/*', '*/']] };

/** For a language that the table does not know: the commonest conventions. A literal wrongly left alone does no harm. */
const unknown: Syntax = { ...cLike, lineComments: ['//', '# ', ';;', '--'], loneApostrophe: true };

const syntaxes: Record<string, Syntax> = {
  javascript,
  typescript: javascript,
  js: javascript,
  ts: javascript,
  go: backquoted,
  c: cLike,
  cpp: cLike,
  'c++': cLike,
  cuda: cLike,
  csharp: cLike,
  java: { ...cLike, quotes: ['"""', '"', "'"], multilineQuotes: ['"""'] },
  kotlin: { ...cLike, quotes: ['"""', '"', "'"], multilineQuotes: ['"""'] },
  swift: { ...cLike, quotes: ['"""', '"'], multilineQuotes: ['"""'] },
  scala: { ...cLike, quotes: ['"""', '"', "'"], multilineQuotes: ['"""'], loneApostrophe: true },
  dart: { ...cLike, quotes: ['"""', "'''", '"', "'"], multilineQuotes: ['"""', "'''"] },
  zig: { ...cLike, blockComments: [] },
  rust: { ...cLike, multilineQuotes: ['"'], loneApostrophe: true },
  php: { ...cLike, lineComments: ['//', '#'], multilineQuotes: ['"', "'"] },
  python,
  py: python,
  ruby: hash,
  perl: hash,
  r: hash,
  shell: hash,
  bash: hash,
  sh: hash,
  elixir: { ...hash, quotes: ['"""', '"', "'"] },
  julia: { ...hash, blockComments: [['#=', '=#']], quotes: ['"""', '"'], multilineQuotes: ['"""', '"'] },
  yaml: { ...hash, indented: true },
  toml: { ...hash, quotes: ['"""', "'''", '"', "'"] },
  lua: { ...dashes, blockComments: [['--[[', ']]']], quotes: ['[[', '"', "'"], multilineQuotes: ['[['] },
  sql: { ...dashes, multilineQuotes: ['"', "'"] },
  haskell: { ...dashes, blockComments: [['{-', '-}']], quotes: ['"', "'"], loneApostrophe: true, indented: true },
  ocaml: { ...cLike, lineComments: [], blockComments: [['(*', '*)']], loneApostrophe: true },
  lisp: { ...cLike, lineComments: [';'], blockComments: [['#|', '|#']], quotes: ['"'], multilineQuotes: ['"'] },
  clojure: { ...cLike, lineComments: [';'], blockComments: [], quotes: ['"'], multilineQuotes: ['"'] },
  scheme: { ...cLike, lineComments: [';'], blockComments: [['#|', '|#']], quotes: ['"'], multilineQuotes: ['"'] },
  matlab: { ...cLike, lineComments: ['%'], blockComments: [['%{', '%}']], quotes: ['"'] },
  fortran: { ...cLike, lineComments: ['!'], blockComments: [] },
};

/** The syntax of a language by its name, in any case; an unknown name gets the commonest conventions. */
export function syntaxOf(language: string): Syntax {
  const name = language.toLowerCase();
  return Object.hasOwn(syntaxes, name) ? syntaxes[name]! : unknown;
}
