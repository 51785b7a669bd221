import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { settings } from './config.ts';

await runApp({ name: 'rooms-api', settings, served: configServer, createApp }, process);
