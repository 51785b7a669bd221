import { INTERNAL_PATH, ROOMS_PATH } from '../http/paths.ts';
import { openApiDocument } from './document.ts';
import { INTERNAL_OPERATIONS } from './internal-operations.ts';
import { PUBLIC_OPERATIONS } from './public-operations.ts';

/** What the public listener answers. */
export const publicDocument = () =>
  openApiDocument({
    title: 'Chat Service',
    description:
      'Rooms, their members and their history. Messages are sent and received by STOMP over WebSocket, of which `asyncapi.json` ' +
      'tells. Refusals are problems by RFC 9457: build on their `code`, and bear codes that a later version adds.',
    basePath: ROOMS_PATH,
    operations: PUBLIC_OPERATIONS,
    tags: {
      rooms: 'Rooms, those of the caller and others.',
      members: 'Who is in a room, and as what.',
      invitations: 'Invitations of the caller to private rooms.',
      bans: 'Who may not be in a room.',
      messages: 'The history, and what became of a message.',
    },
    security: {
      schemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: '`sub` is the numeric id of the user; `exp` is required.',
        },
        gatewayUser: {
          type: 'apiKey',
          in: 'header',
          name: 'X-User-UserId',
          description: 'The user, as the API gateway says.',
        },
        gatewaySignature: {
          ...{ type: 'apiKey', in: 'header', name: 'X-Gateway-Signature' },
          description:
            'That the API gateway says so: `<key id>.<unix seconds>[.<nonce>].<hex HMAC-SHA256>`; each counts once, see security.md.',
        },
      },
      requirements: [['bearer'], ['gatewayUser', 'gatewaySignature']],
    },
  });

/** What the internal listener answers beside health and metrics; nobody is asked who they are. */
export const internalDocument = () =>
  openApiDocument({
    title: 'Chat Service, inside',
    description: 'What other services of the cluster may ask, on the internal listener alone.',
    basePath: INTERNAL_PATH,
    operations: INTERNAL_OPERATIONS,
    tags: {
      presence: 'Who is there, and who was.',
      stories: 'What became of messages.',
      access: 'Who may come in no longer.',
      erasures: "Erasing users' data.",
    },
  });
