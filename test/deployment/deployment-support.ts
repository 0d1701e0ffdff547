/** Deployments against real servers, closed after each test. */
import { afterEach } from 'vitest';
import { createLog } from '../../main/base/log.ts';
import { createDeployments, type DeploymentsOptions } from '../../main/deployment/deployments.ts';
import type { Deployments, DeploymentStatus, ServiceOffer } from '../../main/deployment/types.ts';
import { startNatsServer, type NatsServer } from '../support/nats-server.ts';

const log = createLog('silent');

/** Servers and deployments that go away with the test that made them. */
export function setUp() {
  const things: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const thing of things.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  });
  return {
    async server(config?: string): Promise<NatsServer> {
      const server = await startNatsServer(config);
      things.push(server);
      return server;
    },
    deployments(options: Omit<DeploymentsOptions, 'log'>): Deployments {
      const deployments = createDeployments({ ...options, log });
      things.push({ [Symbol.asyncDispose]: () => deployments.close() });
      deployments.start();
      return deployments;
    },
  };
}

/** Resolves as soon as the only deployment's status is as wanted. */
export async function statusOf(
  deployments: Deployments,
  wanted: (status: DeploymentStatus) => boolean,
): Promise<DeploymentStatus> {
  for (;;) {
    const status = deployments.status()[0];
    if (status !== undefined && wanted(status)) return status;
    let off = (): void => undefined;
    await new Promise<void>((resolve) => (off = deployments.onChange(resolve)));
    off();
  }
}

/** A service that answers everything with its own prefix. */
export const echo: ServiceOffer = {
  name: 'skerry',
  version: '1.2.3',
  description: 'a test',
  metadata: () => ({ key: 'AKEY', name: 'Ada', version: '1.2.3' }),
  subject: (prefix) => `${prefix}.dial.AKEY`,
  handler: (request, { prefix }) => request.respond(Buffer.from(prefix)),
};
