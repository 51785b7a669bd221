import { identityProblems } from '@chat/auth';
import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { settings } from './config.ts';
import { createGatewayMetrics } from './metrics.ts';

const app = { name: 'ws-gateway', settings, served: configServer, problemsOf: identityProblems };
await runApp({ ...app, createMetrics: createGatewayMetrics, createApp }, process);
