/**
 * Configurations that this router and nats-server have to judge alike, and where each unknown field lies.
 * `{{dir}}` stands for the folder of the case's files; CERT, KEY and CA for files that exist there.
 */

export interface ConfigCase {
  readonly name: string;
  readonly config: string;
  /** Other files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

const USER_KEY = 'UCPGVBBUUAZYWZLOCHR5CALKQG2FVAZCTJ2D4LNTLQPVAL4VPXRXB4BX';

/** `name`, then the text. */
const grammar: Readonly<Record<string, string>> = {
  'values without separator, with = and with :': 'port 4222\nhost = "h"\ndebug: true',
  'a map without separator': 'websocket { port: 1, no_tls: true }',
  'a document in braces': '{ "port": 4222, "debug": true }',
  'a document in braces over lines': '{\n  "port": 4222,\n  "authorization": { "token": "x" }\n}\n',
  'a brace too many at the end': 'port: 4222\n}',
  'a map that is not closed': 'websocket { port: 1\n',
  'an array that is not closed': 'server_tags: [a, b\n',
  'comments of both kinds': '# one\nport: 4222 // two\n// three\ndebug: true # four',
  'a comment in a map': 'websocket {\n # why\n port: 1 # so\n no_tls: true // yes\n}',
  'a comment in an array': 'server_tags: [\n a # one\n # two\n b // three\n]',
  semicolons: 'port: 4222; debug: true;',
  'commas at the top': 'port: 4222, debug: true',
  'commas and lines in a map': 'websocket { port: 1, \n no_tls: true,\n }',
  'a key on one line and its value on the next': 'websocket\n{ port: 1 no_tls: true }',
  'a value on the line after a colon': 'port:\n4222',
  'a value on the line after a colon in a map': 'websocket { port:\n 1, no_tls: true }',
  'a separator without a key': '= 4222',
  'two values on a line': 'port 4222 4223',
  'quoted keys': '"port": 4222\n\'debug\': true',
  'keys in any case': 'PORT: 4222\nDebug: TRUE\nWebSocket { Port: 1, NO_TLS: yes }',
  'raw strings': "host: 'a\\nb#c//d'",
  'quoted strings with escapes': 'host: "a\\tb\\x41\\"c\\\\"',
  'an unknown escape': 'host: "a\\qb"',
  'half a hexadecimal escape': 'host: "a\\x4"',
  'a string that is not closed': 'host: "abc',
  'a raw string that is not closed': "host: 'abc",
  'a word with an escape': 'host: a\\tb',
  'a block': 'server_name: (\nline\n)\n',
  'a block that is not closed': 'server_name: (\nline\n',
  'booleans in all their words': 'debug: yes\ntrace: off\nlogtime: ON\nsyslog: no',
  'a boolean in quotes is a string': 'debug: "true"',
  'units of 1000': 'max_payload: 1k\nmax_pending: 64m',
  'units of 1024': 'max_payload: 1KB\nmax_pending: 64MiB',
  'a number with letters behind it is a string': 'max_payload: 12abc',
  'a negative number': 'port: -1',
  'a negative word': 'host: -abc',
  'a float': 'authorization { token: x, timeout: 1.5 }',
  'a float without digits': 'authorization { token: x, timeout: 1. }',
  'a float that begins with its point': 'authorization { token: x, timeout: .5 }',
  'an address without quotes': 'listen: 127.0.0.1:4222',
  'a date where none belongs': 'host: 2026-01-31T12:00:00Z',
  'half a date': 'host: 2026-01-31',
  'a number out of range': 'max_pending: 99999999999999999999',
  'nested arrays': 'server_tags: [[a]]',
  'a comma too many in an array': 'server_tags: [a,,b]',
  'a comma at the end of an array': 'server_tags: [a,b,]',
  'an array over lines without commas': 'server_tags: [\n a\n b\n]',
  'a colon in place of a value in a map': 'websocket { : 1 }',
  'a bracket in a map': 'websocket { ] }',
  'a value that only ends in a map brace': 'websocket {port: 1, no_tls: true}',
  'windows line ends':
    'port: 4222\r\ndebug: true\r\nwebsocket {\r\n port: 1\r\n no_tls: true\r\n}\r\n',
  'a bcrypt hash without quotes':
    'authorization { user: a, pass: $2a$11$W2zko751KUvVy59mUTWmpOdWjpEm5qhcCZRd05GjI/sSOT.xtiHyG }',
};

const variables: Readonly<Record<string, string>> = {
  'a variable from above': 'P: 4222\nport: $P',
  'a variable from an enclosing map': 'authorization { W: secret, user: a, password: $W }',
  'a variable from further out': 'W: secret\nauthorization { user: a, password: $W }',
  'a variable that is a map':
    'P { publish: a }\nauthorization { users [ { user: a, permissions: $P } ] }',
  'a variable that is an array': 'U [ {user: a, password: b} ]\nauthorization { users: $U }',
  'a variable that is nowhere': 'port: $SKERRY_NOWHERE',
  'a variable defined below': 'port: $P\nP: 4222',
  'a variable that nobody uses': 'P: 4222\nport: 4222',
  'a variable of the wrong type': 'P: abc\nport: $P',
  'a variable in quotes is text': 'server_name: "$P"',
  'a number from the environment': 'port: $SKERRY_PORT',
  'a text from the environment': 'server_name: $SKERRY_TEXT',
  'a number from the environment where text belongs': 'server_name: $SKERRY_PORT',
  'an account that is only a variable':
    'accounts { U [ {user: a, password: b} ]\n A { users: $U } }',
};

const unknown: Readonly<Record<string, string>> = {
  'on the first line': 'foo: 1',
  'on the first line behind blanks': '   foo: 1',
  'on the second line': 'port: 4222\nfoo: 1',
  'behind blanks': 'port: 4222\n   foo = 1',
  'in quotes': 'port: 4222\n"foo": 1',
  'behind another on its line': 'port: 4222; foo: 1',
  'behind text of many bytes': 'server_name: "äöü"; foo: 1',
  'three of them': 'a1: 1\nport: 4222\n b1: 1\nc1 { d: 1 }',
  'in websocket': 'websocket {\n  port: 1\n  no_tls: true\n  foo: 1\n}',
  'in websocket authorization': 'websocket { port: 1, no_tls: true\n authorization { foo: 1 } }',
  'in authorization': 'authorization {\n\tuser: a\n\tfoo: b\n}',
  'in a user': 'authorization { users [\n { user: a, password: b, foo: c }\n ] }',
  'in an account': 'accounts {\n A {\n  foo: 1\n }\n}',
  'in a user of an account': 'accounts { A { users [ { user: a\n foo: b } ] } }',
  'in an export': 'accounts { A { exports [ { stream: a, foo: b } ] } }',
  'in an import':
    'accounts { A { exports [ {stream: a} ] }\n B { imports [ { stream: {account: A, subject: a}\n foo: b } ] } }',
  'in the origin of an import':
    'accounts { A { exports [ {stream: a} ] }\n B { imports [ { stream: {account: A, subject: a, foo: 1} } ] } }',
  'in leafnodes': 'leafnodes {\n port: 1\n foo: 1\n}',
  'in a remote': 'leafnodes { remotes [ { url: "nats://h"\n foo: 1 } ] }',
  'in the authorization of leafnodes': 'leafnodes { port: 1, authorization { foo: 1 } }',
  'in a user of leafnodes': 'leafnodes { port: 1, authorization { users [ {user: a, foo: 1} ] } }',
  'in cluster': 'cluster {\n name: c\n foo: 1\n}',
  'in gateway': 'gateway {\n name: c\n foo: 1\n}',
  'in mqtt': 'mqtt { foo: 1 }',
  'in jetstream': 'jetstream {\n store_dir: "/tmp/x"\n foo: 1\n}',
  'in jetstream of an account': 'accounts { A { jetstream { foo: 1 } } }',
};

const server: Readonly<Record<string, string>> = {
  'all the names of places':
    'host: h\nport: 1\nclient_advertise: "h:1"\nserver_name: n\nserver_tags: [a, "b:c"]',
  net: 'net: 127.0.0.1',
  'listen with host and port': 'listen: "h:1"',
  'listen with a port': 'listen: 4222',
  'listen with an IPv6 address': 'listen: "[::1]:4222"',
  'listen with any port': 'listen: "127.0.0.1:-1"',
  'listen without a port': 'listen: "h"',
  'listen with too many colons': 'listen: "::1:4222"',
  'listen with letters as its port': 'listen: "h:abc"',
  'listen with a boolean': 'listen: true',
  'a port in quotes': 'port: "4222"',
  'a host that is a number': 'host: 4222',
  'monitoring by port': 'http_port: 8222',
  'monitoring by address': 'http: "127.0.0.1:8222"',
  'monitoring by its other names': 'monitor_port: 8222\nhttp_base_path: "/nats"',
  'one tag': 'server_tags: a',
  'a tag that is a number': 'server_tags: [a, 1]',
  'all limits':
    'max_connections: 10\nmax_subscriptions: 10\nmax_control_line: 1k\nmax_payload: 1mb\nmax_pending: 2mb\nmax_sub_tokens: 8\nmax_traced_msg_len: 10\nping_interval: "10s"\nping_max: 3\nwrite_deadline: "2s"',
  'limits by their other names': 'max_conn: 10\nmax_subs: 10\nmax_subscription_tokens: 8',
  'max_payload too large': 'max_payload: 4GB',
  'max_control_line too large': 'max_control_line: 4GB',
  'max_sub_tokens too large': 'max_sub_tokens: 256',
  'max_sub_tokens of none': 'max_sub_tokens: 0',
  'a duration that is a number of seconds': 'write_deadline: 2',
  'a duration without unit': 'ping_interval: "2"',
  'a duration of many parts': 'ping_interval: "1h2m3s4ms"',
  'a duration that is none': 'ping_interval: "soon"',
  'a duration without quotes': 'ping_interval: 2s',
  'lame duck': 'lame_duck_duration: "60s"\nlame_duck_grace_period: "5s"',
  'lame duck too short': 'lame_duck_duration: "10s"',
  'lame duck with grace below zero': 'lame_duck_grace_period: "-1s"',
  'lame duck as a number': 'lame_duck_duration: 60',
  'the log':
    'debug: true\ntrace: true\ntrace_verbose: true\nlogtime: false\nlog_file: "/tmp/x.log"\nlog_size_limit: 1mb',
  'the log by its other names': 'logfile: "/tmp/x.log"\nlogfile_size_limit: 1mb',
  files: 'pid_file: "/tmp/x.pid"\nports_file_dir: "/tmp"',
  pidfile: 'pidfile: "/tmp/x.pid"',
  'what changes nothing here':
    'connect_error_reports: 10\nreconnect_error_reports: 1\nprof_port: 0\nno_header_support: true\nno_sys_acc: true\ndisable_sublist_cache: true',
  syslog: 'syslog: false\nremote_syslog: "udp://127.0.0.1:514"',
  mappings:
    'mappings { a: b, "c.*": "d.$1", e: [ {destination: f, weight: 50%}, {dest: g, weight: 50} ], h: {dest: i, weight: 10} }',
  'a mapping from a bad subject': 'mappings { "a..b": c }',
  'a mapping of too much weight':
    'mappings { a: [ {destination: f, weight: 60%}, {destination: g, weight: 50%} ] }',
  'a mapping with a weight beyond 100': 'mappings { a: [ {destination: f, weight: 101} ] }',
  'a mapping without weight': 'mappings { a: [ {destination: f} ] }',
  'a mapping to one subject twice':
    'mappings { a: [ {destination: f, weight: 50}, {destination: f, weight: 20} ] }',
  'a mapping that is a number': 'mappings { a: 1 }',
  'a mapping with an unknown field': 'mappings { a: {destination: f, weight: 10, foo: 1} }',
  'jetstream in all its forms': 'jetstream: true',
  'jetstream as a word': 'jetstream: enabled',
  'jetstream as another word': 'jetstream: maybe',
  'jetstream with settings':
    'jetstream { store_dir: "/tmp/x", max_mem: 1G, max_file: 10G, domain: d }',
  'cluster as suites write it':
    'cluster { name: "t", listen: "127.0.0.1:-1", routes: ["nats://127.0.0.1:1"], authorization { user: a, password: b, timeout: 1 } }',
  'cluster that is a word': 'cluster: yes',
  'a duplicate key': 'port: 1\nport: 2\nport: "x"\nport: 3',
};

const authorization: Readonly<Record<string, string>> = {
  'user and password': 'authorization { user: a, password: b, timeout: 3 }',
  'username and pass': 'authorization { username: a, pass: b }',
  'a token': 'authorization { token: t }',
  'user and token': 'authorization { user: a, password: b, token: t }',
  'user and users': 'authorization { user: a, password: b, users [ {user: c, password: d} ] }',
  'token and users': 'authorization { token: t, users [ {user: c, password: d} ] }',
  users: 'authorization { users = [ {user: a, password: b}\n {user: c, password: d} ] }',
  'users that are no array': 'authorization { users { user: a } }',
  'a user that is no map': 'authorization { users [ a ] }',
  'a user without a name': 'authorization { users [ {password: b} ] }',
  'a user without a password': 'authorization { users [ {user: b} ] }',
  'a user twice': 'authorization { users [ {user: a, password: b}, {user: a, password: c} ] }',
  'a password that is a number': 'authorization { user: a, password: 123 }',
  'an nkey': `authorization { users [ {nkey: ${USER_KEY}} ] }`,
  'an nkey twice': `authorization { users [ {nkey: ${USER_KEY}}, {nkey: ${USER_KEY}} ] }`,
  'an nkey with a wrong checksum': `authorization { users [ {nkey: ${USER_KEY.slice(0, -1)}A} ] }`,
  'an nkey with a password': `authorization { users [ {nkey: ${USER_KEY}, password: x} ] }`,
  'connection types':
    'authorization { users [ {user: a, password: b, allowed_connection_types: ["STANDARD", "websocket"]} ] }',
  'an unknown connection type':
    'authorization { users [ {user: a, password: b, allowed_connection_types: ["CARRIER"]} ] }',
  'a connection type alone': 'authorization { users [ {user: a, password: b, clients: MQTT} ] }',
  'permissions as lists':
    'authorization { users [ {user: a, password: b, permissions { publish: "a.>", subscribe: [b, "c.*"] }} ] }',
  'permissions with allow and deny':
    'authorization { users [ {user: a, password: b, permission { pub { allow: a, deny: [b, c] }, sub { deny: ">" } }} ] }',
  'permissions with queues':
    'authorization { users [ {user: a, password: b, permissions { sub { allow: ["a q", "b q.*"] } }} ] }',
  'permissions with two queues':
    'authorization { users [ {user: a, password: b, permissions { sub: "a b c" }} ] }',
  'permissions on a bad subject':
    'authorization { users [ {user: a, password: b, permissions { pub: "a..b" }} ] }',
  'permissions on a subject that is a number':
    'authorization { users [ {user: a, password: b, permissions { pub: [1] }} ] }',
  'permissions with an unknown field':
    'authorization { users [ {user: a, password: b, permissions { foo: a }} ] }',
  'permissions with an unknown field in a list':
    'authorization { users [ {user: a, password: b, permissions { pub { foo: a } }} ] }',
  'permissions that are a word':
    'authorization { users [ {user: a, password: b, permissions: x} ] }',
  'permissions of routes':
    'authorization { users [ {user: a, password: b, permissions {import: a, export: b}} ] }',
  responses:
    'authorization { users [ {user: a, password: b, permissions { allow_responses: true }} ] }',
  'responses with limits':
    'authorization { users [ {user: a, password: b, permissions { allow_responses: {max: 5, expires: "1m"} }} ] }',
  'responses without limits':
    'authorization { users [ {user: a, password: b, permissions { allow_responses: {max: -1, expires: "-1s"} }} ] }',
  'responses that expire after a number':
    'authorization { users [ {user: a, password: b, permissions { allow_responses: {expires: 1} }} ] }',
  'responses as a number':
    'authorization { users [ {user: a, password: b, permissions { allow_responses: 5 }} ] }',
  'responses with an unknown field':
    'authorization { users [ {user: a, password: b, permissions { allow_responses: {foo: 5} }} ] }',
  'permissions through variables':
    'authorization {\n ADMIN = { publish = ">"\n subscribe = ">" }\n REQ = { publish = ["req.a", "req.b"]\n subscribe = "_INBOX.>" }\n default_permissions = { publish = "S.*" }\n users = [ {user: a, password: b, permissions: $ADMIN}\n {user: c, password: d, permissions: $REQ}\n {user: e, password: f} ]\n}',
  'no_auth_user that is nobody is told later': 'no_auth_user: nobody',
};

const accounts: Readonly<Record<string, string>> = {
  'names alone': 'accounts: [A, B]',
  'names twice': 'accounts: [A, A]',
  'the global account': 'accounts { $G { users [ {user: a} ] } }',
  'an account that is no map': 'accounts { A: 1 }',
  'users of two accounts': 'accounts { A { users [ {user: a} ] }, B { users [ {user: b} ] } }',
  'a user in two accounts': 'accounts { A { users [ {user: a} ] }, B { users [ {user: a} ] } }',
  'an nkey that is a user': `accounts { A { nkey: ${USER_KEY} } }`,
  limits:
    'accounts { A { limits { max_connections: 1, max_subs: 2, max_payload: 3, max_leafnodes: 4 } } }',
  'limits with an unknown field': 'accounts { A { limits { foo: 1 } } }',
  'default permissions':
    'accounts { A { default_permissions { publish: a }, users [ {user: a} ] } }',
  mappings: 'accounts { A { mappings { a: b } } }',
  jetstream: 'accounts { A { jetstream: enabled } }',
  'a system account': 'accounts { SYS { users [ {user: a, password: b} ] } }\nsystem_account: SYS',
  'a stream export and its import':
    'accounts { A { exports [ {stream: "a.>"} ] }, B { imports [ {stream: {account: A, subject: "a.b.>"}, prefix: p} ] } }',
  'a stream import with a new subject':
    'accounts { A { exports [ {stream: "a.*"} ] }, B { imports [ {stream: {account: A, subject: "a.*"}, to: "b.*"} ] } }',
  'a stream import with prefix and new subject':
    'accounts { A { exports [ {stream: "a"} ] }, B { imports [ {stream: {account: A, subject: "a"}, prefix: p, to: "b"} ] } }',
  'a stream import with a wildcard as its prefix':
    'accounts { A { exports [ {stream: "a"} ] }, B { imports [ {stream: {account: A, subject: "a"}, prefix: "p.*"} ] } }',
  'a stream import twice':
    'accounts { A { exports [ {stream: "a"} ] }, B { imports [ {stream: {account: A, subject: "a"}}, {stream: {account: A, subject: "a"}} ] } }',
  'a service export and its import':
    'accounts { A { exports [ {service: "q"} ] }, B { imports [ {service: {account: A, subject: q}, to: r, share: true} ] } }',
  'a service with all that answers can be':
    'accounts { A { exports [ {service: "q", response_type: stream, threshold: "1s"}, {service: r, response: singleton, latency: {sampling: "50%", subject: l}} ] } }',
  'a service with latency as a subject': 'accounts { A { exports [ {service: q, latency: l} ] } }',
  'a service with latency by headers':
    'accounts { A { exports [ {service: q, latency: {sampling: headers, subject: l}} ] } }',
  'a service with latency beyond 100':
    'accounts { A { exports [ {service: q, latency: {sampling: 101, subject: l}} ] } }',
  'a service with latency to nowhere':
    'accounts { A { exports [ {service: q, latency: {sampling: 10}} ] } }',
  'a service with latency to a wildcard':
    'accounts { A { exports [ {service: q, latency: "l.*"} ] } }',
  'a service of streams with latency':
    'accounts { A { exports [ {service: q, response_type: stream, latency: l} ] } }',
  'an unknown response type': 'accounts { A { exports [ {service: q, response_type: foo} ] } }',
  'a threshold that is a number': 'accounts { A { exports [ {service: q, threshold: 5} ] } }',
  'a stream with a threshold': 'accounts { A { exports [ {stream: q, threshold: "5s"} ] } }',
  'a stream with a response type':
    'accounts { A { exports [ {stream: q, response_type: stream} ] } }',
  'a stream and a service': 'accounts { A { exports [ {stream: q, service: r} ] } }',
  'exports that are no array': 'accounts { A { exports { stream: q } } }',
  'imports that are no array': 'accounts { A { imports { stream: q } } }',
  'an export to accounts':
    'accounts { A { exports [ {service: q, accounts: [B]} ] }, B { imports [ {service: {account: A, subject: q}} ] } }',
  'an export to others':
    'accounts { A { exports [ {service: q, accounts: [C]} ] }, B { imports [ {service: {account: A, subject: q}} ] }, C {} }',
  'an export to nobody known': 'accounts { A { exports [ {service: q, accounts: [C]} ] } }',
  'an import from nobody known':
    'accounts { B { imports [ {service: {account: A, subject: q}} ] } }',
  'an import of what is not exported':
    'accounts { A { exports [ {service: q} ] }, B { imports [ {service: {account: A, subject: r}} ] } }',
  'an import of a stream that is a service':
    'accounts { A { exports [ {service: q} ] }, B { imports [ {stream: {account: A, subject: q}} ] } }',
  'an import of more than is exported':
    'accounts { A { exports [ {stream: "a.b"} ] }, B { imports [ {stream: {account: A, subject: "a.*"}} ] } }',
  'an import without account': 'accounts { B { imports [ {service: {subject: q}} ] } }',
  'an import without subject': 'accounts { B { imports [ {service: {account: B}} ] } }',
  'an import of a service to one subject twice':
    'accounts { A { exports [ {service: q}, {service: r} ] }, B { imports [ {service: {account: A, subject: q}, to: x}, {service: {account: A, subject: r}, to: x} ] } }',
  'an account token position':
    'accounts { A { exports [ {service: "q.*", account_token_position: 2} ] }, B { imports [ {service: {account: A, subject: "q.B"}} ] } }',
  'an account token position of another':
    'accounts { A { exports [ {service: "q.*", account_token_position: 2} ] }, B { imports [ {service: {account: A, subject: "q.C"}} ] } }',
  'an account token position without wildcard':
    'accounts { A { exports [ {service: "q.r", account_token_position: 2} ] } }',
  'services that import each other':
    'accounts { A { exports [ {service: q} ], imports [ {service: {account: B, subject: q}} ] }, B { exports [ {service: q} ], imports [ {service: {account: A, subject: q}} ] } }',
  'streams that import each other':
    'accounts { A { exports [ {stream: q} ], imports [ {stream: {account: B, subject: q}} ] }, B { exports [ {stream: q} ], imports [ {stream: {account: A, subject: q}} ] } }',
};

const listeners: Readonly<Record<string, string>> = {
  'websocket with all settings':
    'websocket { listen: "h:1", no_tls: true, compression: true, same_origin: true, allowed_origins: ["http://h"], handshake_timeout: "2s", jwt_cookie: c, no_auth_user: u, advertise: "h:1" }',
  'websocket that is a word': 'websocket: yes',
  'websocket with a login':
    'websocket { port: 1, no_tls: true, authorization { user: a, password: b, timeout: 1 } }',
  'websocket with a handshake timeout that is none':
    'websocket { port: 1, handshake_timeout: "x" }',
  'websocket without TLS is told later': 'websocket { port: 1 }',
  tls: 'tls { cert_file: "CERT", key_file: "KEY" }',
  'tls with a CA':
    'tls { cert_file: "CERT", key_file: "KEY", ca_file: "CA", verify: true, timeout: 2 }',
  'tls that maps':
    'tls { cert_file: "CERT", key_file: "KEY", ca_file: "CA", verify_and_map: true, timeout: 0.5 }',
  'tls with suites and curves':
    'tls { cert_file: "CERT", key_file: "KEY", cipher_suites: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], curve_preferences: ["CurveP256", "X25519"] }',
  'tls with an unknown suite': 'tls { cert_file: "CERT", key_file: "KEY", cipher_suites: ["FOO"] }',
  'tls without suites': 'tls { cert_file: "CERT", key_file: "KEY", cipher_suites: [] }',
  'tls with an unknown curve':
    'tls { cert_file: "CERT", key_file: "KEY", curve_preferences: ["FOO"] }',
  'tls with an unknown field': 'tls { cert_file: "CERT", key_file: "KEY", foo: 1 }',
  'tls without a key': 'tls { cert_file: "CERT" }',
  'tls without a certificate': 'tls { key_file: "KEY" }',
  'tls with a file that is not there': 'tls { cert_file: "CERT", key_file: "{{dir}}/nowhere" }',
  'tls with a CA that is none': 'tls { cert_file: "CERT", key_file: "KEY", ca_file: "KEY" }',
  'tls with a key that is a certificate': 'tls { cert_file: "CERT", key_file: "CERT" }',
  'tls with a word for a boolean': 'tls { cert_file: "CERT", key_file: "KEY", verify: maybe }',
  'tls with pins':
    'tls { cert_file: "CERT", key_file: "KEY", pinned_certs: ["a8f407340dcc719864214b85ed96f98d16cbffa8f509d9fa4ca237b7bb3f9c32"] }',
  'tls with a pin that is none':
    'tls { cert_file: "CERT", key_file: "KEY", pinned_certs: ["abc"] }',
  'tls that checks known URLs':
    'tls { cert_file: "CERT", key_file: "KEY", verify_cert_and_check_known_urls: true }',
  'leafnodes with all settings':
    'leafnodes { listen: "h:1", advertise: "h:1", no_advertise: true, min_version: "2.9.0", authorization { user: a, password: b, account: A, timeout: 1 } }',
  'leafnodes that are a word': 'leafnodes: yes',
  'leafnodes with an old version': 'leafnodes { port: 1, min_version: "2.7.0" }',
  'leafnodes with a version that is none': 'leafnodes { port: 1, min_version: "x" }',
  'leafnodes with users':
    'leafnodes { port: 1, authorization { users [ {user: a, password: b, account: A}, {user: c, password: d} ] } }',
  'leafnodes with a user twice':
    'leafnodes { port: 1, authorization { users [ {user: a, password: b}, {user: a, password: d} ] } }',
  'leafnodes with user and users':
    'leafnodes { port: 1, authorization { user: x, users [ {user: a, password: b} ] } }',
  remotes:
    'leafnodes { remotes [ {url: "nats-leaf://u:p@h:1", account: A, credentials: "/x.creds", hub: true, deny_imports: [a, "b.>"], deny_exports: c}, {urls: ["ws://h:1", "ws://i:1"], ws_compression: true} ] }',
  'remotes that are no array': 'leafnodes { remotes { url: "nats://h" } }',
  'a remote with a denied subject that is bad':
    'leafnodes { remotes [ {url: "nats://h", deny_imports: "a..b"} ] }',
};

const operators: Readonly<Record<string, string>> = {
  'an operator that is not there': 'operator: "{{dir}}/nowhere.jwt"',
  'an operator that is no JWT': 'operator: eyJhbGciOiJub25lIn0.e30.x',
  'a resolver in memory': 'resolver: MEMORY',
  'a resolver in memory by its short name': 'resolver: mem',
  'a resolver in a folder':
    'resolver { type: full, dir: "{{dir}}/jwt", allow_delete: true, interval: "2m" }',
  'a resolver that forgets': 'resolver { type: cache, dir: "{{dir}}/jwt", limit: 10, ttl: "2m" }',
  'a full resolver with a ttl': 'resolver { type: full, dir: "{{dir}}/jwt", ttl: "2m" }',
  'a cache with delete': 'resolver { type: cache, dir: "{{dir}}/jwt", allow_delete: true }',
  'a resolver without folder': 'resolver { type: full }',
  'a resolver of an unknown type': 'resolver { type: foo, dir: "{{dir}}/jwt" }',
  'a resolver that is a file': 'resolver { type: full, dir: "CERT" }',
  'a resolver that is a number': 'resolver: 1',
  'preloaded JWTs that are none': 'resolver: MEMORY\nresolver_preload { A: "x.y.z" }',
  'preloaded JWTs that are no map': 'resolver: MEMORY\nresolver_preload: x',
  'trusted keys that are none': 'trusted_keys: [x]',
  'trusted keys of a user': `trusted_keys: ${USER_KEY}`,
  'a system account that is a number': 'system_account: 1',
};

const included: readonly ConfigCase[] = [
  {
    name: 'includes - a file',
    config: 'include "other.conf"\nport: $P',
    files: { 'other.conf': 'P: 4222\n' },
  },
  {
    name: 'includes - a file by a bare name',
    config: 'include ./other.conf\n',
    files: { 'other.conf': 'port: 4222' },
  },
  {
    name: 'includes - a file in a map',
    config: 'authorization {\n include "users.conf"\n}',
    files: { 'users.conf': 'users [ {user: a, password: b} ]' },
  },
  {
    name: 'includes - a file that includes another beside it',
    config: 'include "sub/one.conf"',
    files: { 'sub/one.conf': 'include "two.conf"', 'sub/two.conf': 'port: 4222' },
  },
  {
    name: 'includes - an unknown field in the other file',
    config: 'port: 4222\ninclude "other.conf"',
    files: { 'other.conf': 'debug: true\n  foo: 1\n' },
  },
  { name: 'includes - a file that is not there', config: 'include "nowhere.conf"' },
  {
    name: 'includes - a file that does not parse',
    config: 'include "other.conf"',
    files: { 'other.conf': 'a {' },
  },
  { name: 'includes - a map', config: 'include { a: b }' },
  {
    name: 'includes - a later duplicate wins',
    config: 'port: "x"\ninclude "other.conf"',
    files: { 'other.conf': 'port: 4222' },
  },
];

function named(group: string, cases: Readonly<Record<string, string>>): ConfigCase[] {
  const env = { SKERRY_PORT: '4222', SKERRY_TEXT: 'some-name' };
  return Object.entries(cases).map(([name, config]) => ({
    name: `${group} - ${name}`,
    config,
    env,
  }));
}

export const configCases: readonly ConfigCase[] = [
  ...named('grammar', grammar),
  ...named('variables', variables),
  ...named('unknown fields', unknown),
  ...named('server', server),
  ...named('authorization', authorization),
  ...named('accounts', accounts),
  ...named('listeners', listeners),
  ...named('operators', operators),
  ...included,
];
