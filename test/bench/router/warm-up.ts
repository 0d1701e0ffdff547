/**
 * The part of the messages that is sent before the clock runs: a server that has run for a while is what people
 * have, so caches, buffers and compilers get a warm-up, on both sides.
 */
export const WARM_UP = 0.3;
