import type { ErrorDTO } from '@chat/dto';
import type { ChatError } from '@chat/service-kit';
import type { RequestOrigin } from './requests.ts';

/** What `/user/queue/errors` says of a refused request. */
export function errorDtoOf(error: ChatError, origin: RequestOrigin): ErrorDTO {
  return {
    code: error.code,
    message: error.message,
    ...(origin.receiptId !== undefined && { receiptId: origin.receiptId }),
    ...(origin.clientMessageId !== undefined && { clientMessageId: origin.clientMessageId }),
    ...(origin.destination !== undefined && { destination: origin.destination }),
    retryable: error.retryable,
  };
}
