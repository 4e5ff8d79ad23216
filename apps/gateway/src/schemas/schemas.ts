import type { IncomingEvent } from '@millrace/events';
import type { Logger, Metrics, WatchedFile } from '@millrace/host';
import { parseJson } from '@millrace/json';
import { parseSchemaFile, type SchemaStore, type TypeSchemas, type Violation } from '@millrace/schemas';
import { PeriodicTask } from '@millrace/streams';
import type { OnModuleDestroy } from '@nestjs/common';

const LOOK_EVERY_MS = 1000;
const TELL_EVERY_MS = 10_000;

/**
 * The schemas in force: those of the file and those in Redis, where a type is in both the file's. Looks for changes every
 * second; a change that is not valid leaves what was in force.
 */
export class Schemas implements OnModuleDestroy {
  private byType: ReadonlyMap<string, TypeSchemas> = new Map();
  private fromFile: readonly TypeSchemas[] = [];
  private fromRedis: readonly TypeSchemas[] = [];
  private version: number | undefined;
  private readonly looking = new PeriodicTask(() => this.look(), {
    everyMs: LOOK_EVERY_MS,
    onError: (error) => this.log.error(`keeping the last valid schemas: ${error.message}`),
  });
  private readonly violations;
  /** Violations that were let through since they were told of last, and one of them. */
  private untold = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly file: WatchedFile | undefined,
    private readonly store: SchemaStore,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.violations = metrics.counter(
      'millrace_schema_violations_total',
      'Events that the schema of their type does not allow',
      ['type', 'mode'],
    );
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Rejects in one sentence. */
  async start(): Promise<void> {
    await this.lookAtFile();
    await this.lookAtRedis().catch((error: Error) => this.log.debug({ err: error.message }, 'no schemas yet'));
    this.looking.start(LOOK_EVERY_MS);
  }

  onModuleDestroy(): Promise<void> {
    return this.looking.stop();
  }

  /** Resolves when it is known which schemas there are. Rejects with `Unavailable` where Redis cannot be asked. */
  async known(): Promise<void> {
    if (this.version === undefined) await this.lookAtRedis();
  }

  /** Why an event is refused; undefined where it is not. What is only to be warned of is counted and told of. */
  refusal({ type, json }: IncomingEvent): Violation | undefined {
    const schemas = this.byType.get(type);
    if (schemas === undefined || schemas.mode === 'off') return undefined;
    const violation = schemas.check(parseJson(json) as object, json.length);
    if (violation === undefined) return undefined;
    this.violations.inc({ type, mode: schemas.mode });
    if (schemas.mode === 'enforce') return violation;
    this.tell(violation);
    return undefined;
  }

  private tell(violation: Violation): void {
    this.untold += 1;
    if (performance.now() - this.toldAt < TELL_EVERY_MS) return;
    this.log.warn({ events: this.untold }, `accepted in spite of a schema violation: ${violation.message}`);
    this.untold = 0;
    this.toldAt = performance.now();
  }

  private async look(): Promise<void> {
    await this.lookAtFile().catch((error: Error) => this.log.error(`keeping the last valid schemas: ${error.message}`));
    await this.lookAtRedis().catch((error: Error) =>
      this.log.debug({ err: error.message }, 'cannot read schemas from Redis; retrying'),
    );
  }

  private async lookAtFile(): Promise<void> {
    const text = await this.file?.changed();
    if (text === undefined) return;
    this.fromFile = parseSchemaFile(text, (this.file as WatchedFile).path);
    this.use();
    this.log.info(`schemas of ${this.fromFile.length} types from the file`);
  }

  private async lookAtRedis(): Promise<void> {
    const version = await this.store.version();
    if (version === this.version) return;
    const read = await this.store.read();
    for (const error of read.invalid.values()) this.log.error(error.message);
    this.fromRedis = read.schemas;
    this.version = read.version;
    this.use();
    if (read.version > 0) this.log.info(`schemas of ${read.schemas.length} types from Redis, version ${read.version}`);
  }

  private use(): void {
    this.byType = new Map([...this.fromRedis, ...this.fromFile].map((schemas) => [schemas.type, schemas]));
  }
}
