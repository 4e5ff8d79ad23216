import { ServedConfig, Whole } from '@millrace/host';

/** What the console reads from its environment. */
export class ConsoleConfig extends ServedConfig {
  @Whole(0, 65_535)
  override PORT: number = 8090;

  /** How often the live view looks at Redis, while somebody watches. */
  @Whole(100, 60_000)
  LIVE_INTERVAL_MS: number = 1000;
}
