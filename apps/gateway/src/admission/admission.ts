import type { IncomingMessage } from 'node:http';
import { ApiKeys, type Principal } from '@millrace/api-keys';
import { refuseForeignPages } from '@millrace/host';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../gateway-config.js';
import { Bodies, type HeldBody } from './bodies.js';

/** A request that was let in: whose it is, and what is held of its body. */
export interface Admitted {
  readonly principal: Principal;
  readonly body: HeldBody;
}

/** Decides by the head of a request whether it is let in, and how much of its body is taken. */
@Injectable()
export class Admission {
  private readonly admitted = new WeakMap<IncomingMessage, Admitted>();
  private readonly bodies: Bodies;

  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(GatewayConfig) private readonly config: GatewayConfig,
  ) {
    this.bodies = new Bodies(config.BODIES_MAX_BYTES, config.BODY_MAX_BYTES);
  }

  /** Throws a 401 without a known key, a 403 for one that may not publish, and for what a page of another site sends. */
  decide({ headers, method, raw }: FastifyRequest, reply: FastifyReply): void {
    const principal = this.keys.admit(headers, 'publish');
    const { isOpen } = this.keys;
    // A page elsewhere has no key.
    if (isOpen) refuseForeignPages({ headers, method }, { isOpen, allowedHosts: this.config.ALLOWED_HOSTS });
    this.admitted.set(raw, { principal, body: this.bodies.of(principal, reply.raw) });
  }

  /** Of a request that was let in. */
  of({ raw }: FastifyRequest): Admitted {
    return this.admitted.get(raw) as Admitted;
  }

  /** A whole body. Rejects with a 413 where it is too large, and with a 503 where others leave it no room. */
  collect(request: FastifyRequest, stream: IncomingMessage): Promise<Buffer> {
    return this.bodies.collect(stream, this.of(request).body);
  }
}
