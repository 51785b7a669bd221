import { Counter, Gauge, type Registry } from '@chat/service-kit';

/** Every metric of the gateway. Labels are bounded: no user, room or session in them. */
export function createGatewayMetrics(registry: Registry, sessionCount: () => number) {
  const registers = [registry];
  return {
    sessions: new Gauge({
      name: 'chat_gateway_sessions',
      help: 'Connected sessions of this instance',
      registers,
      collect() {
        this.set(sessionCount());
      },
    }),
    closes: new Counter({
      name: 'chat_gateway_closes_total',
      help: 'WebSockets closed by the gateway, by reason',
      labelNames: ['reason'],
      registers,
    }),
    refusedUpgrades: new Counter({
      name: 'chat_gateway_refused_upgrades_total',
      help: 'WebSockets not opened, by reason: path, origin, token, draining, connections, rate',
      labelNames: ['reason'],
      registers,
    }),
    deliveries: new Counter({
      name: 'chat_gateway_deliveries_total',
      help: 'Frames handed to sessions, by what they came from: a topic, typing, or notifications',
      labelNames: ['source'],
      registers,
    }),
    shed: new Counter({
      name: 'chat_gateway_shed_total',
      help: 'Frames that slow clients may miss and did miss, such as presence, typing and notifications',
      registers,
    }),
    repeats: new Counter({
      name: 'chat_gateway_repeats_total',
      help: 'Records of chat-messages that repeat an earlier one',
      registers,
    }),
    resumes: new Counter({
      name: 'chat_gateway_room_subscriptions_total',
      help: 'Subscriptions to rooms that went live, by whether anything may be missing',
      labelNames: ['recovered'],
      registers,
    }),
    droppedMarks: new Counter({
      name: 'chat_gateway_dropped_marks_total',
      help: 'Marks of delivery that were left out because too many waited',
      registers,
    }),
    receiptLooks: new Counter({
      name: 'chat_gateway_receipt_looks_total',
      help: "Times that the rows were asked what became of a sender's messages in a room",
      registers,
    }),
    refusals: new Counter({
      name: 'chat_gateway_refusals_total',
      help: 'Refusals told to clients, by ERROR or on the error queue, by code',
      labelNames: ['code'],
      registers,
    }),
    unheardRefusals: new Counter({
      name: 'chat_gateway_unheard_refusals_total',
      help: 'Refusals that nobody asked to hear of',
      labelNames: ['code'],
      registers,
    }),
  };
}

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;
