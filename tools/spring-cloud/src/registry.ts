/** An instance as Eureka tells of it. */
export interface RegisteredInstance {
  readonly instanceId: string;
  readonly status: string;
  readonly hostName: string;
  readonly port: { readonly $: number };
  readonly healthCheckUrl: string;
  readonly statusPageUrl: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The instances of a service id; none where Eureka knows no such id. */
export async function instancesOf(eurekaUrl: string, appName: string): Promise<readonly RegisteredInstance[]> {
  const response = await fetch(`${eurekaUrl}/apps/${appName}`, { headers: { accept: 'application/json' } });
  if (response.status === 404) return [];
  const { application } = (await response.json()) as { application: { instance: RegisteredInstance[] } }; // Eureka's form
  return application.instance;
}
