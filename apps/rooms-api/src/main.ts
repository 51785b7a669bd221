import { identityProblems } from '@chat/auth';
import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { settings } from './config.ts';
import { createRoomsMetrics } from './metrics.ts';

const app = { name: 'rooms-api', settings, served: configServer, problemsOf: identityProblems };
await runApp({ ...app, createMetrics: createRoomsMetrics, createApp }, process);
