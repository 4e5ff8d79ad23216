/** An event where it first came from: in the inbox, or as a copy in a topic. */
export interface Origin {
  readonly stream: string;
  readonly position: string;
  readonly partition: number;
}
