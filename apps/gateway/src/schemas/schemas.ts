import { type DefinitionFile, Follower } from '@millrace/definitions';
import type { IncomingEvent } from '@millrace/events';
import type { Logger, Metrics } from '@millrace/host';
import { parseJson } from '@millrace/json';
import type { SchemaStore, TypeSchemas, Violation, WrittenSchemas } from '@millrace/schemas';
import type { OnModuleDestroy } from '@nestjs/common';

const TELL_EVERY_MS = 10_000;

/** The live schemas: those of the file and those in Redis, as they change. */
export class Schemas implements OnModuleDestroy {
  private byType: ReadonlyMap<string, TypeSchemas> = new Map();
  private readonly follower: Follower<TypeSchemas, WrittenSchemas>;
  private readonly violations;
  /** Violations that were let through since they were reported last, and one of them. */
  private untold = 0;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    file: DefinitionFile | undefined,
    store: SchemaStore,
    private readonly log: Logger,
    metrics: Metrics,
  ) {
    this.follower = new Follower({
      store,
      file,
      log,
      onChange: ({ definitions }) => {
        this.byType = new Map(definitions.map((schemas) => [schemas.type, schemas]));
      },
    });
    this.violations = metrics.counter(
      'millrace_schema_violations_total',
      'Events that violate the schema of their type',
      ['type', 'mode'],
    );
  }

  /** Reads the file, which has to be valid now, and begins to look for changes. Rejects in one sentence. */
  start(): Promise<void> {
    return this.follower.start();
  }

  onModuleDestroy(): void {
    void this.follower.stop();
  }

  /** Resolves when it is known which schemas there are. Rejects with `Unavailable` where Redis cannot be asked. */
  known(): Promise<void> {
    return this.follower.known();
  }

  /** Why an event is refused; undefined where it is not. What is only to be warned of is counted and reported. */
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
    this.log.warn({ events: this.untold }, `accepted despite a schema violation: ${violation.message}`);
    this.untold = 0;
    this.toldAt = performance.now();
  }
}
