import { PermanentError } from '@millrace/streams';
import type { StreamContext } from '@millrace/streams-nest';
import { Controller, Inject, Logger } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { Mailer } from './mailer.js';

/** An event as it is stored: a CloudEvent. */
interface OrderPlaced {
  readonly id: string;
  readonly data: { readonly email?: string };
}

/** Confirms each order that is placed. Events of other types are acknowledged. */
@Controller()
export class OrdersController {
  private readonly log = new Logger(OrdersController.name);

  constructor(@Inject(Mailer) private readonly mailer: Mailer) {}

  /** Acknowledged when this resolves. Nest's types leave the context open. */
  @EventPattern('order.placed')
  async placed(@Payload() { id, data }: OrderPlaced, @Ctx() context: unknown): Promise<void> {
    const { delivery } = context as StreamContext;
    if (data.email === undefined) throw new PermanentError('the order has no data.email');
    await this.mailer.confirm(data.email, id);
    this.log.log(`order ${id} confirmed, attempt ${delivery.attempt}`);
  }
}
