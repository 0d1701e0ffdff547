/** A STUN server: `node stun.ts <address> <port>`. */
import { startStunResponder } from '../../link/stun-responder.ts';

const [address = '', port] = process.argv.slice(2);
await startStunResponder(address, Number(port));
console.log('ready');
