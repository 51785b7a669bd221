import { CHAT_ERRORS } from '@chat/dto';
import { describeSettings } from '@chat/service-kit';
import { DEFAULT_FRAME_LIMITS, FRAME_LIMIT_RULES, PROTOCOL_ERRORS } from '@chat/stomp';
import { SEND_DESTINATIONS, SUBSCRIBE_DESTINATIONS } from './broker/destinations.ts';
import { limitSettings } from './limits.ts';
import { SESSION_ERRORS } from './stomp/session-errors.ts';
import { CLOSE_CODES } from './transport/close-codes.ts';

/** Prints what `docs/stomp.md` takes from the gateway's tables, as one JSON object. */
const protocol = {
  sendDestinations: Object.entries(SEND_DESTINATIONS).map(([kind, rule]) => ({ kind, ...rule })),
  subscribeDestinations: Object.entries(SUBSCRIBE_DESTINATIONS).map(([kind, rule]) => ({ kind, ...rule })),
  chatErrors: CHAT_ERRORS,
  sessionErrors: SESSION_ERRORS,
  protocolErrors: PROTOCOL_ERRORS,
  closeCodes: Object.values(CLOSE_CODES).sort((a, b) => a.code - b.code),
  frameLimits: Object.entries(DEFAULT_FRAME_LIMITS).map(([name, standard]) => ({
    name,
    standard,
    ...FRAME_LIMIT_RULES[name as keyof typeof FRAME_LIMIT_RULES], // the same names, which Object.entries forgets
  })),
  settings: describeSettings(limitSettings),
};
process.stdout.write(`${JSON.stringify(protocol)}\n`);
