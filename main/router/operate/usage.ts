import { COMPATIBLE_VERSION } from '../defaults.ts';
import { cipherNames, curveNames } from '../config/sections/ciphers.ts';
import { packageVersion } from '../../base/version.ts';

/** Printed for -h, and for a command line that is not understood. */
export const usage = `
Usage: skerry router [options]

A NATS server that takes the options and the configuration file of nats-server.

Server:
    -a, --addr, --net <host>         address to listen on (0.0.0.0)
    -p, --port <port>                port for clients (4222; -1: any free one)
    -n, --name, --server_name <name> name of this server (its id)
    -P, --pid <file>                 file to write the process id to
    -m, --http_port <port>           port for monitoring over HTTP
    -ms, --https_port <port>         port for monitoring over HTTPS
    -c, --config <file>              configuration file
    -t                               check the configuration file and end
    -sl, --signal <command>[=<pid>]  send ldm, stop, quit, term, reopen or reload to a running server,
                                     named by its process id, its pid file, or the only one there is
        --client_advertise <h:p>     address that clients are told
        --ports_file_dir <dir>       folder for a file with the open ports, nats-server_<pid>.ports

Log:
    -l, --log <file>                 log to a file instead of standard error
    -T, --logtime=<bool>             times on log lines (true)
        --logtime_utc                these times are UTC
        --log_size_limit <bytes>     a log file that has grown beyond this is put aside
    -D, --debug                      more lines
    -V, --trace                      the protocol, line by line
    -VV                              the same with the system account
    -DV, -DVV                        both
        --max_traced_msg_len <n>     longest message that is traced whole

Authorization (better in the file or the environment: other users of a machine see command lines):
        --user <user>                user that clients name       (SKERRY_ROUTER_USER)
        --pass <password>            password of that user        (SKERRY_ROUTER_PASSWORD)
        --auth <token>               token that clients present   (SKERRY_ROUTER_TOKEN)

TLS:
        --tls                        TLS for clients
        --tlscert <file>             certificate of this server
        --tlskey <file>              its private key
        --tlsverify                  clients need a certificate too
        --tlscacert <file>           the authority that signs those

Taken and without effect, because there is no JetStream, no cluster, no syslog and no profiler here:
    -js, -sd, --cluster, --cluster_listen, --cluster_name, --cluster_advertise, --routes,
    --no_advertise, --connect_retries, -s, -r, --profile

    -h, --help                       this text
    -v, --version                    the version
        --help_tls                   names of cipher suites and curves
`;

/** Client suites read the version from the first line. */
export function versionText(): string {
  return `nats-server: v${COMPATIBLE_VERSION}\nskerry: ${packageVersion()}\n`;
}

export function tlsUsage(): string {
  return [
    'The section "tls" of a configuration file has cert_file, key_file, ca_file, verify,',
    'verify_and_map, timeout, min_version, handshake_first, pinned_certs, cipher_suites and',
    'curve_preferences.',
    '',
    'Cipher suites:',
    ...cipherNames().map((name) => `    ${name}`),
    '',
    'Curve preferences:',
    ...curveNames().map((name) => `    ${name}`),
    '',
  ].join('\n');
}
