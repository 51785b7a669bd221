import { identityProblems } from '@chat/auth';
import { runApp } from '@chat/service-kit';
import { configServer } from '@chat/spring-cloud';
import { createApp } from './app.ts';
import { settings } from './config.ts';

await runApp({ name: 'rooms-api', settings, served: configServer, problemsOf: identityProblems, createApp }, process);
