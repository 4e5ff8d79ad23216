import { hash } from 'node:crypto';
import { type CloudEvent, parseEvent } from '@millrace/events';
import { shown, writeJson } from '@millrace/json';
import { type Delivery, PermanentError, topicOf } from '@millrace/streams';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import type { SinkEvent } from './sink.js';

/** A class whose decorators say what the `data` of an event has to be. */
export type DataClass<T = unknown> = new () => T;

/** An event that is parsed, and its data checked, when somebody asks for it. */
class ReceivedEvent<T> implements SinkEvent<T> {
  private parsed: CloudEvent | undefined;
  private checked: T | undefined;
  private named: string | undefined;

  constructor(
    readonly topic: string,
    readonly delivery: Delivery,
    private readonly dataClass: DataClass<T> | undefined,
  ) {}

  get event(): CloudEvent {
    this.parsed ??= parseEvent(this.delivery.event.json);
    return this.parsed;
  }

  get data(): T {
    if (this.dataClass === undefined) throw new TypeError('the sink declares no class of `data`');
    this.checked ??= checkedData(this.dataClass, this.event.data);
    return this.checked;
  }

  get key(): string {
    const { source, id } = this.event;
    this.named ??= hash('sha256', writeJson([this.topic, source, id]), 'base64url');
    return this.named;
  }
}

/** A delivery as a sink gets it. Nothing of it is parsed yet. */
export const sinkEventOf = <T = unknown>(
  delivery: Delivery,
  topic = topicOf(delivery.stream) ?? delivery.stream,
  dataClass?: DataClass<T>,
): SinkEvent<T> => new ReceivedEvent(topic, delivery, dataClass);

const checkedData = <T>(type: DataClass<T>, data: unknown): T => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new PermanentError('data is no object');
  }
  const instance = plainToInstance(type, data) as T;
  const [error] = validateSync(instance as object);
  if (error !== undefined) throw new PermanentError(sentenceOf(error, 'data'));
  return instance;
};

/** Where, why, and what it is: `data.amount: amount must be a number; it is "a lot"`. */
const sentenceOf = ({ property, constraints, children = [], value }: ValidationError, path: string): string => {
  const at = `${path}.${property}`;
  const [child] = children;
  if (constraints === undefined && child !== undefined) return sentenceOf(child, at);
  const [why = 'is not valid'] = Object.values(constraints ?? {});
  return `${at}: ${why}; got ${shown(value)}`;
};
