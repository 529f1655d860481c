/** Every preparation of the load has a service of its own, so that none waits for another's claim. */
export const serviceName = (index: number): string => `load-${String(index + 1).padStart(4, '0')}`;
export const VERSION = 'v1.1.0';
