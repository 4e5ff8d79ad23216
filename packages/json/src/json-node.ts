import { MAX_DEPTH } from './depth.js';
import { endOfString } from './string-end.js';

/** JSON with what JSON.parse loses: the order of keys, duplicate keys, and the text of numbers. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
  | { readonly kind: 'array'; readonly elements: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: true | false | null };

export interface JsonMember {
  readonly key: string;
  readonly node: JsonNode;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

/** Parses JSON text. Throws a `SyntaxError` if it is none, or deeper than 512 levels. */
export const parseNode = (text: string): JsonNode => new NodeParser(text).parse();

class NodeParser {
  private at = 0;

  constructor(private readonly text: string) {}

  parse(): JsonNode {
    const node = this.value(0);
    if (this.next() !== '') throw this.unexpected();
    return node;
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new SyntaxError(`JSON is nested deeper than ${MAX_DEPTH} levels`);
    switch (this.next()) {
      case '{':
        return { kind: 'object', members: this.list('}', () => this.member(depth)) };
      case '[':
        return { kind: 'array', elements: this.list(']', () => this.value(depth + 1)) };
      case '"':
        return { kind: 'string', value: this.string() };
      case 't':
        return this.literal('true', true);
      case 'f':
        return this.literal('false', false);
      case 'n':
        return this.literal('null', null);
      default:
        return { kind: 'number', text: this.take(NUMBER) };
    }
  }

  private member(depth: number): JsonMember {
    if (this.next() !== '"') throw this.unexpected();
    const key = this.string();
    if (this.next() !== ':') throw this.unexpected();
    this.at += 1;
    return { key, node: this.value(depth + 1) };
  }

  private list<T>(close: string, one: () => T): T[] {
    this.at += 1;
    const items: T[] = [];
    if (this.next() === close) {
      this.at += 1;
      return items;
    }
    for (;;) {
      items.push(one());
      const separator = this.next();
      if (separator !== ',' && separator !== close) throw this.unexpected();
      this.at += 1;
      if (separator === close) return items;
    }
  }

  private string(): string {
    const at = this.at;
    const end = endOfString(this.text, at);
    if (end < 0) throw new SyntaxError(`A string without an end at position ${at}`);
    const raw = this.text.slice(at, end);
    this.at += raw.length;
    try {
      return JSON.parse(raw) as string;
    } catch {
      throw new SyntaxError(`A string that is not valid JSON at position ${at}`);
    }
  }

  private literal(word: string, value: true | false | null): JsonNode {
    if (!this.text.startsWith(word, this.at)) throw this.unexpected();
    this.at += word.length;
    return { kind: 'literal', value };
  }

  private take(token: RegExp): string {
    token.lastIndex = this.at;
    const found = token.exec(this.text)?.[0];
    if (found === undefined) throw this.unexpected();
    this.at += found.length;
    return found;
  }

  private next(): string {
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = Math.max(this.at, SPACE.lastIndex);
    return this.text.charAt(this.at);
  }

  private unexpected(): SyntaxError {
    const found = this.at < this.text.length ? JSON.stringify(this.text.charAt(this.at)) : 'end';
    return new SyntaxError(`Unexpected ${found} at position ${this.at}`);
  }
}
