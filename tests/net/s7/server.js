// SPDX-License-Identifier: GPL-2.0-or-later
// The Snap7 server (npm package node-snap7) with two data blocks, until it is ended.
const snap7 = require('node-snap7');
const server = new snap7.S7Server();

server.RegisterArea(server.srvAreaDB, 10, Buffer.alloc(256));
server.RegisterArea(server.srvAreaDB, 11, Buffer.alloc(256));
server.RegisterArea(server.srvAreaMK, Buffer.alloc(256));
if (!server.StartTo('0.0.0.0')) {
	console.error('the server does not start: ' + server.ErrorText(server.LastError()));
	process.exit(1);
}
setInterval(() => {}, 1000);
console.log('ready');
