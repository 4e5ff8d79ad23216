import { PermanentError, TransientError, Unavailable } from '@millrace/streams';
import { Injectable } from '@nestjs/common';

/** Sends confirmations over HTTP. What it throws decides what becomes of the event. */
@Injectable()
export class Mailer {
  constructor(private readonly url: string) {}

  async confirm(email: string, orderId: string): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      // The id of the event makes a repeat harmless: an event may come twice after a crash.
      headers: { 'content-type': 'application/json', 'idempotency-key': orderId },
      body: JSON.stringify({ to: email, subject: `Order ${orderId}` }),
      signal: AbortSignal.timeout(5000),
    }).catch((cause: Error) => {
      throw new Unavailable(`the mail service is unreachable: ${cause.message}`, { cause });
    });
    if (response.ok) return;
    if (response.status === 422) throw new PermanentError(`the mail service refuses ${email}`);
    throw new TransientError(`the mail service answered ${response.status}`);
  }
}
