/** What a router without clusters, gateways and JetStream says of them, as a nats-server without them does. */
import { timeText } from './go-format.ts';
import type { RouterView } from './view.ts';

type Who = Pick<RouterView, 'id' | 'name'>;

export function routez({ id, name }: Who): object {
  return { server_id: id, server_name: name, now: timeText(Date.now()), num_routes: 0, routes: [] };
}

export function gatewayz({ id }: Who): object {
  return {
    server_id: id,
    now: timeText(Date.now()),
    outbound_gateways: {},
    inbound_gateways: {},
  };
}

export function jsz({ id }: Who): object {
  return {
    server_id: id,
    now: timeText(Date.now()),
    disabled: true,
    config: { max_memory: 0, max_storage: 0 },
    memory: 0,
    storage: 0,
    reserved_memory: 0,
    reserved_storage: 0,
    accounts: 0,
    ha_assets: 0,
    api: { total: 0, errors: 0 },
    streams: 0,
    consumers: 0,
    messages: 0,
    bytes: 0,
  };
}
