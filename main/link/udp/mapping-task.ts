/** What the thread that talks to routers is asked, and what it answers. */

/** How long a router keeps a mapping that nobody renews, s. */
export const LIFETIME_S = 3_600;

/** The router that mapped a port, so that it can be told again. */
export type MappedBy =
  | { readonly protocol: 'NAT-PMP'; readonly router: string }
  /** @property description the URL of what the router says of itself */
  | { readonly protocol: 'UPnP'; readonly description: string };

export type MappingTask =
  | { readonly type: 'map'; readonly port: number }
  | {
      readonly type: 'unmap';
      readonly port: number;
      /** The router's. */
      readonly outsidePort: number;
      readonly by: MappedBy;
    };

export type MappingAnswer =
  | {
      readonly result: 'mapped';
      /** As the router says: nothing of it has been looked at. */
      readonly host: string;
      readonly port: number;
      /** This machine's address that datagrams are passed to. */
      readonly to: string;
      readonly by: MappedBy;
    }
  | { readonly result: 'unmapped' | 'no-router' }
  | { readonly result: 'refused'; readonly reason: string };
