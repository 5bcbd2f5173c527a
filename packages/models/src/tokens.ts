import type { Syntax } from './syntax.ts';

export type TokenKind = 'number' | 'word' | 'symbol' | 'string' | 'comment';

/** A piece of a program; white space between tokens belongs to none. */
export interface Token {
  kind: TokenKind;
  text: string;
  /** Offset of its first character in the program. */
  start: number;
}

// A dot belongs to the number unless it starts a range (`1..5`) or a member (`1.max`).
const numberPattern = /(?:\d[\d_]*(?:\.\d[\d_]*|\.(?![.\w]))?|\.\d[\d_]*)(?:[eE][+-]?\d+)?\w*(?:\.\d[\w.]*)?/y;
const wordPattern = /[\p{L}_$@][\p{L}\p{N}_$]*/uy;
// Longest first, so that `=>` is never read as `=` and `>`.
const symbolPattern =
  /(?:>>>=|\*\*=|<<=|>>=|>>>|===|!==|<=>|\.\.\.|\.\.=|&&=|\|\|=|\?\?=|\/\/=|=>|->|<-|::|:=|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|\.\.|[^\s])/uy;

/** Words after which a `/` or a `-` cannot be a binary operator. */
const expressionWords = new Set(['return', 'typeof', 'case', 'in', 'of', 'and', 'or', 'not', 'else', 'yield', 'await']);

/** Whether a value ends at this token, so that an operator after it is a binary one. */
export function endsValue(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === 'word') return !expressionWords.has(token.text);
  if (token.kind === 'symbol') return [')', ']', '}'].includes(token.text);
  return token.kind !== 'comment';
}

/**
 * Cuts a program into tokens, in one pass and without ever failing.
 *
 * It knows just enough to keep literals in code apart from those in strings and comments. What never closes (a string, a
 * comment) ends with its line or with the program.
 */
export function tokenize(text: string, syntax: Syntax): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let previous: Token | undefined;

  const push = (kind: TokenKind, end: number) => {
    const token: Token = { kind, text: text.slice(at, end), start: at };
    tokens.push(token);
    if (kind !== 'comment') previous = token;
    at = end;
  };
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };

  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const comment = commentEnd(text, at, syntax);
    if (comment > at) {
      push('comment', comment);
      continue;
    }
    const string = stringEnd(text, at, syntax, previous);
    if (string > at) {
      push('string', string);
      continue;
    }
    // `a.5` is no number, `.5` is.
    const number = /\d/.test(text[at]!) || (text[at] === '.' && !endsValue(previous)) ? match(numberPattern) : -1;
    if (number > at) {
      push('number', number);
      continue;
    }
    const word = match(wordPattern);
    if (word > at) {
      push('word', word);
      continue;
    }
    push('symbol', Math.max(match(symbolPattern), at + 1));
  }
  return tokens;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function commentEnd(text: string, at: number, syntax: Syntax): number {
  for (const [open, close] of syntax.blockComments) {
    if (!text.startsWith(open, at)) continue;
    const end = text.indexOf(close, at + open.length);
    return end < 0 ? text.length : end + close.length;
  }
  return syntax.lineComments.some((open) => text.startsWith(open, at)) ? lineEnd(text, at) : -1;
}

function stringEnd(text: string, at: number, syntax: Syntax, previous: Token | undefined): number {
  if (syntax.regex && text[at] === '/' && !endsValue(previous)) return regexEnd(text, at);
  const quote = syntax.quotes.find((candidate) => text.startsWith(candidate, at));
  if (!quote) return -1;
  if (quote === "'" && syntax.loneApostrophe) {
    const character = /'(?:\\[^\n']+|[^\\\n'])'/uy;
    character.lastIndex = at;
    return character.test(text) ? character.lastIndex : -1;
  }
  if (quote === '`' && syntax.regex) return templateEnd(text, at);
  const close = quote === '[[' ? ']]' : quote;
  const multiline = syntax.multilineQuotes.includes(quote);
  for (let i = at + quote.length; i < text.length; i++) {
    if (text.startsWith(close, i)) return i + close.length;
    if (text[i] === '\n' && !multiline) return i;
    if (text[i] === '\\') i++;
  }
  return text.length;
}

/** The end of a template, with what stands in its `${…}`, templates within them included. */
function templateEnd(text: string, at: number): number {
  // One entry per open template or `${`: how many plain braces are open within the latter.
  const open: (number | 'template')[] = ['template'];
  let i = at + 1;
  for (; i < text.length && open.length > 0; i++) {
    const top = open.at(-1)!;
    const character = text[i];
    if (character === '\\') i++;
    else if (character === '`') top === 'template' ? open.pop() : open.push('template');
    else if (top === 'template') {
      if (character === '$' && text[i + 1] === '{') {
        open.push(0);
        i++;
      }
    } else if (character === '{') open[open.length - 1] = top + 1;
    else if (character === '}') {
      if (top === 0) open.pop();
      else open[open.length - 1] = top - 1;
    }
  }
  return Math.min(i, text.length);
}

function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length && text[i] !== '\n'; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') inClass = true;
    else if (text[i] === ']') inClass = false;
    else if (text[i] === '/' && !inClass) return i + 1;
  }
  return -1;
}

const pairs: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Whether every bracket in the code closes the one that was opened last, and none stays open. */
export function isBalanced(tokens: readonly Token[]): boolean {
  const open: string[] = [];
  for (const { kind, text } of tokens) {
    if (kind !== 'symbol') continue;
    if (text === '(' || text === '[' || text === '{') open.push(text);
    else if (Object.hasOwn(pairs, text) && open.pop() !== pairs[text]) return false;
  }
  return open.length === 0;
}
