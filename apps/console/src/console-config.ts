import { ApiKeyList, OneOf, ServedConfig, Url, Whole } from '@millrace/host';

/** What the console reads from its environment. */
export class ConsoleConfig extends ServedConfig {
  @Whole(0, 65_535)
  override PORT: number = 8090;

  /** Keys that may look and operate: send again, pause, delete. `API_KEYS` may do everything. */
  @ApiKeyList()
  API_KEYS_OPERATE?: readonly string[];

  /** Keys that may look. */
  @ApiKeyList()
  API_KEYS_READ?: readonly string[];

  /** Where events go that are published here; it has to know the key of whoever publishes, too. */
  @Url('http', 'https')
  GATEWAY_URL: string = 'http://127.0.0.1:8080';

  /** How often the live view looks at Redis, while somebody watches. */
  @Whole(100, 60_000)
  LIVE_INTERVAL_MS: number = 1000;

  /** Whether there is the lab, which keeps copies of topics for as long as somebody works with them. */
  @OneOf('on', 'off')
  LAB: 'on' | 'off' = 'on';

  override get asksForKeys(): boolean {
    return super.asksForKeys || this.API_KEYS_OPERATE !== undefined || this.API_KEYS_READ !== undefined;
  }
}
