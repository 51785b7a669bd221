import { runApp } from '@chat/service-kit';
import { createApp } from './app.ts';
import { presenceWorkerSettings } from './config.ts';

await runApp({ name: 'presence-worker', settings: presenceWorkerSettings, createApp }, process);
