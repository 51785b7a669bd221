import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What of a Deployment the chart looks at. */
export interface RunningDeployment {
  readonly image: string;
  readonly replicas: number;
  /** Of them those with this image; all where it is left out. */
  readonly updated?: number;
}

/** As much of the API of Kubernetes as Helm asks for these Deployments of namespace `default`. */
export class ApiServer {
  readonly #server: Server;

  constructor(deployments: Readonly<Record<string, RunningDeployment>>) {
    this.#server = createServer(({ url = '' }, response) => {
      const name = /^\/apis\/apps\/v1\/namespaces\/default\/deployments\/([a-z-]+)$/.exec(url)?.[1];
      const found = name === undefined ? undefined : deployments[name];
      const body = url.startsWith('/apis/apps/v1?') || url === '/apis/apps/v1' ? RESOURCES : found && manifestOf(found);
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // it listens on TCP
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'apps/v1',
  resources: [
    { name: 'deployments', singularName: 'deployment', namespaced: true, kind: 'Deployment', verbs: ['get', 'list'] },
  ],
};

function manifestOf({ image, replicas, updated = replicas }: RunningDeployment) {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: 'running', generation: 3 },
    spec: { replicas, template: { spec: { containers: [{ image }] } } },
    status: { observedGeneration: 3, replicas, updatedReplicas: updated },
  };
}
