// Written by `npm run docs` from docs/openapi.json.

export interface paths {
    readonly "/api/v1/chat/chat-rooms": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Public rooms
         * @description Those that are not archived, newest first.
         */
        readonly get: operations["listPublicRooms"];
        readonly put?: never;
        /**
         * Create a room
         * @description The caller becomes its owner and first member.
         */
        readonly post: operations["createRoom"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/user": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Rooms of the caller
         * @description Newest activity first, with `unreadCount` and `lastMessage`.
         */
        readonly get: operations["listOwnRooms"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/unread": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the caller has not read */
        readonly get: operations["countUnread"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/join/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Join a room
         * @description An invitation is used up and gives its role; who is a member already stays what they are.
         */
        readonly post: operations["joinRoom"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/direct/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * The direct room with a user
         * @description There is one of each two users; it is made where there is none.
         */
        readonly post: operations["openDirectRoom"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A room
         * @description A private room is not found by who is neither member nor invited.
         */
        readonly get: operations["getRoom"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Archive a room
         * @description By its owner, for good: its history stays readable to its members.
         */
        readonly delete: operations["archiveRoom"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a room
         * @description By owner and admins; what is left out stays.
         */
        readonly patch: operations["updateRoom"];
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/members": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Members of a room */
        readonly get: operations["listMembers"];
        readonly put?: never;
        /**
         * Add or invite a user
         * @description By owner and admins: into a public room at once, to a private one by an invitation.
         */
        readonly post: operations["addMember"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/members/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Leave a room, or remove a member
         * @description Of who is invited the invitation is declined or taken back.
         */
        readonly delete: operations["removeMember"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the role of a member
         * @description By the owner; OWNER hands the room over, the owner so far becomes an admin.
         */
        readonly patch: operations["changeRole"];
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/invitations": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Invitations of the caller
         * @description Newest first, at most 200; joining the room uses one up.
         */
        readonly get: operations["listOwnInvitations"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/invitations/{roomId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Decline an invitation */
        readonly delete: operations["declineInvitation"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/bans": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Bans of a room
         * @description To owner and admins; newest first, at most 1000.
         */
        readonly get: operations["listBans"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/bans/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        /**
         * Ban a user
         * @description A member is removed, an invitation taken back. Admins ban members, the owner admins too.
         */
        readonly put: operations["banUser"];
        readonly post?: never;
        /** Lift a ban */
        readonly delete: operations["liftBan"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/messages": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The history of a room
         * @description Messages in their newest state, in the order of the room: before or after one, or the newest. What was read here counts as delivered.
         */
        readonly get: operations["listMessages"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/chat/chat-rooms/{id}/messages/{messageId}/status": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of a message
         * @description Not found until it is stored.
         */
        readonly get: operations["getMessageStatus"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A room. `unreadCount` and `lastMessage` come only in lists of the caller's own rooms. */
        readonly ChatRoomDTO: {
            readonly id: number;
            readonly name: string;
            readonly description: string;
            /** @enum {string} */
            readonly type: "GROUP" | "DIRECT";
            /** @enum {string} */
            readonly status: "ACTIVE" | "ARCHIVED";
            readonly ownerId: number;
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly updatedAt: string;
            /** @enum {string} */
            readonly visibility?: "PUBLIC" | "PRIVATE";
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
            readonly unreadCount?: number;
            readonly lastMessage?: components["schemas"]["HistoryMessageDTO"];
        };
        /** @description A message as the history shows it: its newest `content` and since when it has that; of a deleted one, at its place, an empty `content` and since when; what it is reacted with, most used first, cut after `REACTIONS_SHOWN_MAX_COUNT`. */
        readonly HistoryMessageDTO: {
            readonly id: number;
            readonly senderId: number;
            readonly roomId: number;
            readonly content: string;
            /** @enum {string} */
            readonly type: "GROUP" | "DIRECT";
            /** Format: date-time */
            readonly timestamp: string;
            readonly kind?: string | ("SYSTEM" | "EDIT" | "DELETE" | "REACTION") | unknown;
            readonly targetId?: number;
            readonly removed?: boolean;
            readonly system?: components["schemas"]["SystemNotice"] | unknown;
            /** Format: date-time */
            readonly editedAt?: string;
            /** Format: date-time */
            readonly deletedAt?: string;
            readonly reactions?: readonly components["schemas"]["ReactionCount"][];
        };
        /** @description An invitation to a private room, as the one who made it sees it. */
        readonly InvitationDTO: {
            readonly roomId: number;
            readonly userId: number;
            /** @enum {string} */
            readonly role: "ADMIN" | "MEMBER";
            readonly invitedBy: number;
            /** Format: date-time */
            readonly expiresAt?: string;
        };
        /** @description What became of a message: `status` is what all of its recipients have reached, the counts are of those who have got it and of those who have read it. Recipients are the room's members who were in it when it was written, without the sender. */
        readonly MessageStatusDTO: {
            /** @enum {string} */
            readonly status: "SENT" | "PERSISTED" | "DELIVERED" | "READ";
            readonly deliveredCount: number;
            readonly readCount: number;
            readonly members: readonly {
                readonly userId: number;
                /** @enum {string} */
                readonly status: "SENT" | "PERSISTED" | "DELIVERED" | "READ";
            }[];
        };
        /** @description An invitation, as the invited sees it; joining the room uses it up. */
        readonly OwnInvitationDTO: {
            readonly room: components["schemas"]["ChatRoomDTO"];
            /** @enum {string} */
            readonly role: "ADMIN" | "MEMBER";
            readonly invitedBy: number;
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly expiresAt?: string;
        };
        /** @description How many users react to a message with this content, and whether the reader is one of them. */
        readonly ReactionCount: {
            readonly content: string;
            readonly count: number;
            readonly isOwn: boolean;
        };
        /** @description A user who may not be in the room: until `expiresAt`, or for good. */
        readonly RoomBanDTO: {
            readonly roomId: number;
            readonly userId: number;
            readonly bannedBy: number;
            readonly reason?: string;
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly expiresAt?: string;
        };
        /** @description One member of a room, as the member list tells it. */
        readonly RoomMemberDTO: {
            readonly userId: number;
            readonly username: string;
            /** @enum {string} */
            readonly role: "OWNER" | "ADMIN" | "MEMBER";
            readonly isOnline: boolean;
            /** Format: date-time */
            readonly joinedAt: string;
        };
        /** @description What a message of kind SYSTEM tells: `event` MEMBER_REMOVED, with `cause` LEFT, REMOVED or BANNED, took the user out of the room as of its `version`. The message is where the room's log ends for that user, until the room has them back. */
        readonly SystemNotice: {
            readonly event: string;
            readonly userId: number;
            readonly version: number;
            readonly cause?: string;
        };
        /** @description What a user has not read: in each of the user's rooms, by id, and in all of them together. */
        readonly UnreadDTO: {
            readonly total: number;
            readonly rooms: readonly {
                readonly roomId: number;
                readonly unreadCount: number;
            }[];
        };
        /** @description Body of POST `…/members`. Ownership is handed over by changing the role of a member. */
        readonly AddMemberRequest: {
            readonly userId: number;
            /**
             * @default MEMBER
             * @enum {string}
             */
            readonly role?: "ADMIN" | "MEMBER";
            /**
             * Format: date-time
             * @description Of an invitation; where nothing is said, the service decides.
             */
            readonly expiresAt?: string;
        };
        /** @description Body of PUT `…/bans/{userId}`; without `expiresAt` it is for good. */
        readonly BanRequest: {
            /** @description Without lone surrogates. */
            readonly reason?: string;
            /** Format: date-time */
            readonly expiresAt?: string;
        };
        /** @description Body of PATCH `…/members/{userId}`. */
        readonly ChangeRoleRequest: {
            /** @enum {string} */
            readonly role: "OWNER" | "ADMIN" | "MEMBER";
        };
        /** @description Body of POST `/chat-rooms`. A DIRECT room made here has room for one more member; the one room of a given pair is `/chat-rooms/direct/{userId}`. */
        readonly CreateRoomRequest: {
            /** @description Without lone surrogates. */
            readonly name: string;
            /**
             * @description Without lone surrogates.
             * @default
             */
            readonly description?: string;
            /**
             * @default GROUP
             * @enum {string}
             */
            readonly type?: "GROUP" | "DIRECT";
            /**
             * @default PUBLIC
             * @enum {string}
             */
            readonly visibility?: "PUBLIC" | "PRIVATE";
            /**
             * @description At most 8192 bytes as JSON in UTF-8, at most 32 objects and arrays inside each other, no U+0000 and no lone surrogates in any text.
             * @default {}
             */
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
        };
        /** @description Body of PATCH `/chat-rooms/{id}`: at least one field. */
        readonly UpdateRoomRequest: {
            /** @description Without lone surrogates. */
            readonly name?: string;
            /** @description Without lone surrogates. */
            readonly description?: string;
            /** @description At most 8192 bytes as JSON in UTF-8, at most 32 objects and arrays inside each other, no U+0000 and no lone surrogates in any text. */
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
        } | unknown | unknown | unknown;
        /** @description A page of rooms; `page` counts from 0. */
        readonly ChatRoomPage: {
            readonly content: readonly components["schemas"]["ChatRoomDTO"][];
            readonly page: number;
            readonly size: number;
            readonly totalElements: number;
            readonly totalPages: number;
        };
        /** @description Messages in the order of the room; `hasMore`: there are more in the direction asked for. */
        readonly HistoryPage: {
            readonly items: readonly components["schemas"]["HistoryMessageDTO"][];
            readonly hasMore: boolean;
        };
        /** @description Invitations of the caller, newest first. */
        readonly OwnInvitationList: {
            readonly items: readonly components["schemas"]["OwnInvitationDTO"][];
        };
        /** @description RFC 9457 problem details. `code` is the stable name to program against; `errors` names every invalid field. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail: string;
            readonly code: string | ("INVALID_REQUEST" | "INVALID_JSON" | "BODY_TOO_LARGE" | "UNAUTHENTICATED" | "REVOKED" | "TOKEN_EXPIRED" | "FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "ROOM_NOT_FOUND" | "MEMBER_NOT_FOUND" | "MESSAGE_NOT_FOUND" | "MESSAGE_DELETED" | "LAST_SEEN_NOT_FOUND" | "NOT_A_MEMBER" | "INVITATION_REQUIRED" | "INVITATION_NOT_FOUND" | "BANNED" | "BAN_NOT_FOUND" | "ROOM_ARCHIVED" | "ROOM_FULL" | "OWNER_MUST_STAY" | "DIRECT_ROOM_FIXED" | "UNKNOWN_DESTINATION" | "TOO_MANY_SUBSCRIPTIONS" | "TOO_MANY_SESSIONS" | "RATE_LIMITED" | "TOO_MANY_UNACKNOWLEDGED" | "TOO_MANY_TRANSACTIONS" | "TRANSACTION_TOO_LARGE" | "IDEMPOTENCY_CONFLICT" | "OVERLOADED" | "UNAVAILABLE" | "UNKNOWN" | "INTERNAL") | unknown;
            readonly retryable: boolean;
            readonly errors?: readonly {
                readonly field: string;
                readonly message: string;
            }[];
        };
        /** @description Bans of a room, newest first. */
        readonly RoomBanList: {
            readonly items: readonly components["schemas"]["RoomBanDTO"][];
        };
        /** @description Members of a room. */
        readonly RoomMemberList: {
            readonly items: readonly components["schemas"]["RoomMemberDTO"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listPublicRooms: {
        readonly parameters: {
            readonly query?: {
                /** @description Which page, from 0. */
                readonly page?: number;
                /** @description Rooms on a page. */
                readonly size?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page. */
            readonly 200: {
                headers: {
                    /** @description First, previous, next and last page as far as there are, by RFC 8288. */
                    readonly Link: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomPage"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly createRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["CreateRoomRequest"];
            };
        };
        readonly responses: {
            /** @description The new room. */
            readonly 201: {
                headers: {
                    /** @description Where what was made can be read. */
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description `INVALID_REQUEST`, `INVALID_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_JSON" | "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly listOwnRooms: {
        readonly parameters: {
            readonly query?: {
                /** @description Which page, from 0. */
                readonly page?: number;
                /** @description Rooms on a page. */
                readonly size?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page. */
            readonly 200: {
                headers: {
                    /** @description First, previous, next and last page as far as there are, by RFC 8288. */
                    readonly Link: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomPage"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly countUnread: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Every room of the caller, by id. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UnreadDTO"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly joinRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The room. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `BANNED` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BANNED";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `ROOM_ARCHIVED`, `ROOM_FULL`, `DIRECT_ROOM_FIXED` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "DIRECT_ROOM_FIXED" | "ROOM_ARCHIVED" | "ROOM_FULL";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly openDirectRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the user. */
                readonly userId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The room. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description The new room. */
            readonly 201: {
                headers: {
                    /** @description Where what was made can be read. */
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly getRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The room. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly archiveRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly updateRoom: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["UpdateRoomRequest"];
            };
        };
        readonly responses: {
            /** @description The room. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ChatRoomDTO"];
                };
            };
            /** @description `INVALID_REQUEST`, `INVALID_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_JSON" | "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `ROOM_ARCHIVED` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_ARCHIVED";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly listMembers: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them. */
            readonly 200: {
                headers: {
                    /** @description `stale` where nobody could say who is online; then all are shown offline. */
                    readonly "X-Presence"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomMemberList"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly addMember: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["AddMemberRequest"];
            };
        };
        readonly responses: {
            /** @description The user is a member already, and stays what they are. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomMemberDTO"];
                };
            };
            /** @description The new member. */
            readonly 201: {
                headers: {
                    /** @description Where what was made can be read. */
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomMemberDTO"];
                };
            };
            /** @description The invitation. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["InvitationDTO"];
                };
            };
            /** @description `INVALID_REQUEST`, `INVALID_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_JSON" | "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN`, `BANNED` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BANNED" | "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `ROOM_ARCHIVED`, `ROOM_FULL`, `DIRECT_ROOM_FIXED` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "DIRECT_ROOM_FIXED" | "ROOM_ARCHIVED" | "ROOM_FULL";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly removeMember: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
                /** @description Id of the user. */
                readonly userId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND`, `MEMBER_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "MEMBER_NOT_FOUND" | "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `DIRECT_ROOM_FIXED`, `OWNER_MUST_STAY` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "DIRECT_ROOM_FIXED" | "OWNER_MUST_STAY";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly changeRole: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
                /** @description Id of the user. */
                readonly userId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ChangeRoleRequest"];
            };
        };
        readonly responses: {
            /** @description The member. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomMemberDTO"];
                };
            };
            /** @description `INVALID_REQUEST`, `INVALID_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_JSON" | "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND`, `MEMBER_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "MEMBER_NOT_FOUND" | "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `ROOM_ARCHIVED`, `DIRECT_ROOM_FIXED`, `OWNER_MUST_STAY` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "DIRECT_ROOM_FIXED" | "OWNER_MUST_STAY" | "ROOM_ARCHIVED";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly listOwnInvitations: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The invitations. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["OwnInvitationList"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly declineInvitation: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly roomId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `INVITATION_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVITATION_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly listBans: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The bans. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomBanList"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly banUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
                /** @description Id of the user. */
                readonly userId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["BanRequest"];
            };
        };
        readonly responses: {
            /** @description There was one; it is changed. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomBanDTO"];
                };
            };
            /** @description The new ban. */
            readonly 201: {
                headers: {
                    /** @description Where what was made can be read. */
                    readonly Location: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RoomBanDTO"];
                };
            };
            /** @description `INVALID_REQUEST`, `INVALID_JSON` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_JSON" | "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `DIRECT_ROOM_FIXED`, `OWNER_MUST_STAY` */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "DIRECT_ROOM_FIXED" | "OWNER_MUST_STAY";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE` */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly liftBan: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
                /** @description Id of the user. */
                readonly userId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Done. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER`, `FORBIDDEN` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "FORBIDDEN" | "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND`, `BAN_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "BAN_NOT_FOUND" | "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`, `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "OVERLOADED" | "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly listMessages: {
        readonly parameters: {
            readonly query?: {
                /** @description What lies before this message; not with `after`. */
                readonly before?: number;
                /** @description What lies behind this message; 0: from the first on. */
                readonly after?: number;
                /** @description Messages at most. */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A part of the history. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["HistoryPage"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
    readonly getMessageStatus: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description Id of the room. */
                readonly id: number;
                /** @description Id of the message. */
                readonly messageId: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What its recipients have reached. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MessageStatusDTO"];
                };
            };
            /** @description `INVALID_REQUEST` */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INVALID_REQUEST";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`, `REVOKED`, `TOKEN_EXPIRED` */
            readonly 401: {
                headers: {
                    /** @description How to identify oneself, by RFC 6750. */
                    readonly "WWW-Authenticate": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "REVOKED" | "TOKEN_EXPIRED" | "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `NOT_A_MEMBER` */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "NOT_A_MEMBER";
                    };
                };
            };
            /** @description `ROOM_NOT_FOUND`, `MESSAGE_NOT_FOUND` */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "MESSAGE_NOT_FOUND" | "ROOM_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED` */
            readonly 429: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL` */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "INTERNAL";
                    };
                };
            };
            /** @description `UNAVAILABLE` */
            readonly 503: {
                headers: {
                    /** @description Seconds to wait before the same request may succeed. */
                    readonly "Retry-After": string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {unknown} */
                        readonly code?: "UNAVAILABLE";
                    };
                };
            };
        };
    };
}
