/**
 * Loaded into a process by NODE_OPTIONS=--require: writes every connection that it opens, and every name that it looks up,
 * to the file EGRESS_LOG, one JSON line each. Native code (the worker's own connection) is not seen here.
 */
const dns = require('node:dns');
const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');

const file = process.env.EGRESS_LOG;
const note = (entry) => file && fs.appendFileSync(file, `${JSON.stringify(entry)}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const { host, port, path } =
    typeof first === 'object' && first !== null ? first : { port: first, host: args[1] };
  note(path ? { path } : { host: host ?? 'localhost', port: Number(port) });
  return connect.apply(this, args);
};

const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) {
  note({ datagram: args.filter((arg) => ['string', 'number'].includes(typeof arg)) });
  return send.apply(this, args);
};

// gRPC asks by resolvers of its own.
const askers = [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype];
for (const owner of askers) {
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveSrv', 'resolveTxt']) {
    const original = owner[name];
    if (original === undefined) continue;
    owner[name] = function (host, ...rest) {
      note({ name: host });
      return original.call(this, host, ...rest);
    };
  }
}
