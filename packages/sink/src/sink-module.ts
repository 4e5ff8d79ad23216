import type { TimeOut, TopicsConfig } from '@millrace/host';
import type { Finding, RedisTransport } from '@millrace/streams/redis';
import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import type { ForwardingSink } from './forwarding-sink.js';
import type { DataClass } from './received-event.js';
import type { Sink } from './sink.js';

/** What a sink app says of itself. */
export interface SinkDefinition<C extends TopicsConfig = TopicsConfig>
  extends Pick<ModuleMetadata, 'imports' | 'providers' | 'controllers'> {
  /** Name of the process, and of its consumer group where `GROUP` says nothing: `sink-postgres`. */
  readonly hop: string;
  readonly config: new () => C;
  // biome-ignore lint/suspicious/noExplicitAny: whatever its data is
  readonly sink: Type<Sink<any>> | Type<ForwardingSink>;
  /** A class of class-validator that every event's `data` has to be; what is not is dead-lettered before `write`. */
  readonly data?: DataClass;
  /** How many parts of a batch are written at once. Default 1. */
  readonly concurrency?: number;
  /** What matters to this sink of the Redis it starts on; `refuse` keeps it from starting. */
  readonly examine?: (transport: RedisTransport, config: C) => Promise<readonly Finding[]>;
  /** The longest that one call to the target may take, which the doctor compares with the other time-outs. */
  readonly timeOut?: (config: C) => TimeOut;
  /** The last word before anything is read. What it throws is one line on standard error, and the process ends. */
  readonly prepare?: (app: INestApplication) => void | Promise<void>;
}

const DEFINITION = Symbol('sink definition');

/** Marks the module of a sink app, for `runSink`. The sink and its providers may inject the configuration by its class. */
export const SinkModule =
  <C extends TopicsConfig>(definition: SinkDefinition<C>): ClassDecorator =>
  (target) => {
    const { imports = [], providers = [], controllers = [] } = definition;
    Module({ imports, controllers, providers: [...providers, definition.sink], exports: [definition.sink] })(target);
    Reflect.defineMetadata(DEFINITION, definition, target);
  };

/** The definition of a module marked with `@SinkModule`. */
export const definitionOf = (module: Type): SinkDefinition => {
  const definition = Reflect.getMetadata(DEFINITION, module) as SinkDefinition | undefined;
  if (definition === undefined) throw new TypeError(`${module.name} is not marked with @SinkModule(...)`);
  return definition;
};
