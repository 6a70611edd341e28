// Preloaded (node --require) into a program that listens on every interface and cannot be told otherwise: where a
// server names no address, it listens on 127.0.0.1 alone. Above `_listen2` an address would be looked up first, and
// the program reads its port at once.

'use strict';

const { Server } = require('node:net');

const listen = Server.prototype._listen2;

Server.prototype._listen2 = function (address, port, addressType, ...rest) {
  const everywhere = address === null && port >= 0;
  return listen.call(this, everywhere ? '127.0.0.1' : address, port, everywhere ? 4 : addressType, ...rest);
};
