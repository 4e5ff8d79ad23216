import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logging/logging.js';

/** Says once that spans cannot be sent, and once that they can again: the next export comes in seconds, for as long as it takes. */
export class TellingExporter implements SpanExporter {
  private isAway = false;

  constructor(
    private readonly inner: SpanExporter,
    /** Where they go, as it may be shown. */
    private readonly target: string,
    private readonly log: Logger,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.inner.export(spans, (result) => {
      this.note(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.inner.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.inner.forceFlush?.();
  }

  private note({ code, error }: ExportResult): void {
    const wasAway = this.isAway;
    this.isAway = code === ExportResultCode.FAILED;
    if (this.isAway && !wasAway) {
      const why = error?.message || 'no answer';
      this.log.warn(`cannot export traces to ${this.target}; dropping them, events are not delayed: ${why}`);
    } else if (wasAway && !this.isAway) this.log.info(`exporting traces to ${this.target} again`);
  }
}
