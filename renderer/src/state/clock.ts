import { createSubscriber } from 'svelte/reactivity';

const STEP_MS = 15_000;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, STEP_MS);
  return () => clearInterval(timer);
});

/** Milliseconds since 1970; what is derived from it in a component is refreshed a few times a minute. */
export function now(): number {
  subscribe();
  return Date.now();
}
