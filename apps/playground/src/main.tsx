import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { readConfiguration } from './configuration.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { createPlayground, PlaygroundContext } from './playground.ts';
import './style.css';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for the playground');
const configuration = readConfiguration(document);

createRoot(root).render(
  <StrictMode>
    {configuration === null ? (
      <p className="unserved">
        This page needs the chat around it: run <code>npm start</code> and open the address of the playground.
      </p>
    ) : (
      <ErrorBoundary>
        <PlaygroundContext value={createPlayground(configuration)}>
          <App />
        </PlaygroundContext>
      </ErrorBoundary>
    )}
  </StrictMode>,
);
