import type { ArgumentsHost } from '@nestjs/common';
import { BaseRpcExceptionFilter } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import { StreamContext } from './stream-context.js';

let areLetOut = false;

/**
 * Has Nest let out what the handler of a stream's event throws. Where no filter is named Nest replaces it by "Internal server error",
 * as answers to strangers should be; but here the class of the error decides whether the event is retried or dead-lettered, and its
 * words are those of the dead letter. Nest has no way to say so for one server alone. Handlers of other transports, and filters that
 * are named, are left as they are.
 */
export const letErrorsOut = (): void => {
  // Once: what others make of the filter afterwards stays.
  if (areLetOut) return;
  areLetOut = true;
  const { catch: nestsOwn } = BaseRpcExceptionFilter.prototype;
  BaseRpcExceptionFilter.prototype.catch = function (
    this: BaseRpcExceptionFilter,
    error: unknown,
    host: ArgumentsHost,
  ) {
    if (host.switchToRpc().getContext() instanceof StreamContext) return throwError(() => error);
    return nestsOwn.call(this, error, host);
  };
};
