import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/client.ts';
import { App } from './app.tsx';
import './styles/styles.css';

/** What cannot succeed by being asked again is not: the key, the role, what does not exist. */
const isHopeless = (error: Error): boolean => error instanceof ApiProblem && error.status >= 400 && error.status < 500;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (failures, error) => failures < 2 && !isHopeless(error),
      refetchOnWindowFocus: false,
    },
  },
});

const place = document.querySelector('#app');
if (place !== null)
  createRoot(place).render(
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>,
  );
