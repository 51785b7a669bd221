import type { BaseUrl } from '../base-urls.ts';
import { exchange, type HttpRequest } from '../http.ts';
import { instanceDocument, instanceIdOf, type InstanceFacts, type InstanceStatus } from './instance.ts';
import type { EurekaStep } from './registration.ts';

/** Longest wait for one answer, in ms. */
const ANSWER_DEADLINE_MS = 2_000;

/** `failed` says why; the message is for people. */
export type StepResult =
  { readonly outcome: 'done' | 'unknown' | 'aborted' } | { readonly outcome: 'failed'; readonly reason: string };

/** Does one step at one server, by Eureka's REST operations, unless it is aborted meanwhile. Never throws. */
export async function doStep(
  step: EurekaStep,
  server: BaseUrl,
  { facts, signal }: { readonly facts: InstanceFacts; readonly signal: AbortSignal },
): Promise<StepResult> {
  try {
    const { status } = await exchange({
      ...requestOf(step, server.url, facts),
      authorization: server.authorization,
      timeoutMs: ANSWER_DEADLINE_MS,
      signal,
    });
    if (status >= 200 && status < 300) return { outcome: 'done' };
    if (status === 404 && step.kind !== 'register') return { outcome: 'unknown' };
    return { outcome: 'failed', reason: `${server.url} answers ${step.kind} with status ${status}` };
  } catch (error) {
    if (signal.aborted) return { outcome: 'aborted' };
    return { outcome: 'failed', reason: `${server.url}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function requestOf(step: EurekaStep, base: string, facts: InstanceFacts): Pick<HttpRequest, 'method' | 'url' | 'body'> {
  const app = `${base}/apps/${encodeURIComponent(facts.appName.toUpperCase())}`;
  const instance = `${app}/${encodeURIComponent(instanceIdOf(facts))}`;
  switch (step.kind) {
    case 'register':
      return { method: 'POST', url: app, body: instanceDocument(facts, step.status, Date.now()) };
    case 'set-status':
      return { method: methodOf(step.status), url: `${instance}/status?value=${step.status}` };
    case 'renew':
      return { method: 'PUT', url: instance };
    case 'deregister':
      return { method: 'DELETE', url: instance };
  }
}

/** OUT_OF_SERVICE overrides what the instance says of itself; UP takes back what an earlier life may have left so. */
function methodOf(status: InstanceStatus): 'PUT' | 'DELETE' {
  return status === 'UP' ? 'DELETE' : 'PUT';
}
