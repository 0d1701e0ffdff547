/** The built interface in a real Chromium. One file, because building and starting are what takes the time. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { describeAccess } from './scenarios/access.ts';
import { describeConnection } from './scenarios/connection.ts';
import { describeDesktop } from './scenarios/desktop.ts';
import { describeFiles } from './scenarios/files.ts';
import { describeNearby } from './scenarios/nearby.ts';
import { describePeers } from './scenarios/peers.ts';
import { describeServices } from './scenarios/services.ts';
import { describeSession } from './scenarios/session.ts';
import { describeSettings } from './scenarios/settings.ts';
import { describeTransfers } from './scenarios/transfers.ts';
import { UiBench } from './support/ui.ts';

let bench: UiBench;
beforeAll(async () => {
  bench = await UiBench.start();
}, 120_000);
afterEach(() => bench.tidy());
afterAll(() => bench.stop());

const open: UiBench['open'] = (options) => bench.open(options);
const serve: UiBench['serve'] = (handlers, port) => bench.serve(handlers, port);

describeSession(open);
describeConnection(open, serve);
describePeers(open);
describeNearby(open);
describeFiles(open);
describeTransfers(open);
describeServices(open);
describeSettings(open);
describeDesktop(open);
describeAccess(open);
