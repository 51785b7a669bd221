import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/**
 * Loaded into an app before its own code: connections to one local port go to another, that of a proxy. A broker tells its
 * clients its own address, so that no proxy in the list of brokers would stay in between.
 */
const [from, to] = (process.env['CHAT_E2E_BEND_PORT'] ?? '').split(':').map(Number);

const connect = net.connect.bind(net) as (...parameters: unknown[]) => net.Socket; // of all its forms
net.connect = (...parameters: unknown[]) => connect(...parameters.map(bend));
syncBuiltinESMExports();

function bend(parameter: unknown): unknown {
  const isBent = typeof parameter === 'object' && parameter !== null && 'port' in parameter && parameter.port === from;
  return isBent ? { ...parameter, port: to } : parameter;
}
