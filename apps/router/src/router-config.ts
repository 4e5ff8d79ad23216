import { ConsumerConfig, Text, Whole } from '@millrace/host';

/** What the router reads from its environment. */
export class RouterConfig extends ConsumerConfig {
  @Whole(0, 65_535)
  override PORT: number = 8081;

  @Text('a name of letters, digits, ".", "_" and "-"', /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
  override GROUP: string = 'router';

  /** A YAML file of routes, read again when it changes. */
  @Text('the path of a YAML file')
  ROUTES_FILE?: string;
}
