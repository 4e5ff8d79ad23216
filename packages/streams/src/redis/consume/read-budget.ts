/** What all consumers of a process have in flight, in bytes of events; their memory is a few times that. */
const PROCESS_BYTES = 64 * 1024 * 1024;
const MOST_BYTES = 16 * 1024 * 1024;
const LEAST_BYTES = 1024 * 1024;

/** How many bytes each consumer of a process may have in flight, read or kept in flight: an equal share of one budget. */
export class ReadBudget {
  private consumers = 0;

  /** A consumer begins to read; gives what is called when it ends. */
  enter(): () => void {
    this.consumers += 1;
    return () => {
      this.consumers -= 1;
    };
  }

  /** The share of one. */
  get bytes(): number {
    return Math.max(LEAST_BYTES, Math.min(MOST_BYTES, Math.floor(PROCESS_BYTES / Math.max(1, this.consumers))));
  }
}
