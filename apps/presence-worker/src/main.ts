import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { presenceWorkerSettings } from './config.ts';

await runApp({ name: 'presence-worker', settings: presenceWorkerSettings, served: configServer, createApp }, process);
