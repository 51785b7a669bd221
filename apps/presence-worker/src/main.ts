import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { presenceWorkerSettings } from './config.ts';
import { createPresenceMetrics } from './metrics.ts';

const app = { name: 'presence-worker', settings: presenceWorkerSettings, served: configServer };
await runApp({ ...app, createMetrics: createPresenceMetrics, createApp }, process);
