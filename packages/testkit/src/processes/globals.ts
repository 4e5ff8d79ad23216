interface Block {
  (name: string, body: () => void): void;
  skip(name: string, body: () => void): void;
}
interface Case {
  (name: string, body: () => unknown, timeoutMs?: number): void;
  skip(name: string, body: () => unknown, timeoutMs?: number): void;
}
type Hook = (body: () => unknown, timeoutMs?: number) => void;

/** Jest's globals: this package also runs outside of jest, where they are not there. */
export const globals = () => globalThis as unknown as { describe: Block; it: Case; beforeAll: Hook; afterAll: Hook };
