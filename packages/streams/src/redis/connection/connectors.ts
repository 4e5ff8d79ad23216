import { createConnection, Socket } from 'node:net';
import { connect as connectEncrypted } from 'node:tls';
import { AbstractConnector, type RedisOptions, type SentinelConnectionOptions, SentinelConnector } from 'ioredis';
import type { Endpoint } from './address.js';
import type { ClusterNodes } from './cluster-nodes.js';

/**
 * A socket that failed. Where a connector rejects, ioredis gives up permanently; of a socket it takes a failure as one more
 * try in vain, after which it waits and tries again, and rejects the commands of whoever is not patient.
 */
const brokenSocket = (): Socket => new Socket().destroy();

/** Asks the Sentinels who the primary is; where none answers, that is a try in vain. */
export class PatientSentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override async connect(emit: (type: string, error: Error) => void) {
    try {
      return await super.connect(emit);
    } catch (error) {
      if (!this.connecting) throw error;
      this.firstError = error as Error;
      return brokenSocket();
    }
  }
}

/** Options of a connection that goes to the server of a key's slot, and elsewhere when it is told so. */
export const followSlot = (nodes: ClusterNodes, key: string): RedisOptions => {
  let told: Endpoint | undefined;

  class SlotConnector extends AbstractConnector {
    private readonly options: RedisOptions;

    constructor(options: unknown) {
      super((options as RedisOptions).disconnectTimeout ?? 0);
      this.options = options as RedisOptions;
    }

    override async connect() {
      this.connecting = true;
      try {
        const at = await nodes.primaryOf(key, told);
        if (!this.connecting) throw new Error('Connection is closed.');
        const { tls } = this.options;
        this.stream = tls === undefined ? createConnection({ ...at }) : connectEncrypted({ ...at, ...tls });
        this.stream.once('error', (error) => {
          this.firstError = error;
        });
        return this.stream;
      } catch (error) {
        if (!this.connecting) throw error;
        this.firstError = error as Error;
        return brokenSocket();
      } finally {
        told = undefined;
      }
    }
  }

  return {
    Connector: SlotConnector,
    // The command was not run; who sent it knows whether it may be sent again.
    reconnectOnError: ({ message }) => {
      const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(message) ?? [];
      if (host) told = { host, port: Number(port) };
      return /^(MOVED|READONLY)\b/.test(message);
    },
  };
};
