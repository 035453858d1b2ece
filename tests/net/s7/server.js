// SPDX-License-Identifier: GPL-2.0-or-later
// The Snap7 server (npm package node-snap7) with two data blocks and flags, until it is ended.
//   server.js [ADDRESS]
// On SIGUSR2 it says what its own state is, and what reached it; on SIGUSR1 it sets both back first, on SIGHUP too,
// with the CPU stopped.
const snap7 = require('node-snap7');
const server = new snap7.S7Server();
const areas = {db10: [server.srvAreaDB, 10], db11: [server.srvAreaDB, 11], m: [server.srvAreaMK],
	pe: [server.srvAreaPE], pa: [server.srvAreaPA]};
const size = 256;
let events = [];

for (const area of Object.values(areas))
	server.RegisterArea(...area, Buffer.alloc(size));
const words = Object.fromEntries(['DataRead', 'DataWrite', 'ReadSZL', 'Clock', 'Upload', 'Download', 'Directory',
	'Security', 'Control', 'PDUincoming', 'NegotiatePDU'].map(name => [server['evc' + name], name]));
server.on('event', e => words[e.EvtCode] && events.push(
	`event ${words[e.EvtCode]} ${e.EvtRetCode} ${e.EvtParam1} ${e.EvtParam2} ${e.EvtParam3} ${e.EvtParam4}`));

function tell() {
	const memory = Object.entries(areas).map(([name, area]) => `${name} ${server.GetArea(...area).toString('hex')}`);
	console.log([`cpu ${server.GetCpuStatus()}`, ...memory, ...events, 'end'].join('\n'));
}

function reset(status) {
	for (const area of Object.values(areas))
		server.SetArea(...area, Buffer.alloc(size));
	server.SetCpuStatus(status);
	events = [];
	tell();
}

process.on('SIGUSR2', tell);
process.on('SIGUSR1', () => reset(server.S7CpuStatusRun));
process.on('SIGHUP', () => reset(server.S7CpuStatusStop));
if (!server.StartTo(process.argv[2] || '0.0.0.0')) {
	console.error('the server does not start: ' + server.ErrorText(server.LastError()));
	process.exit(1);
}
setInterval(() => {}, 1000);
console.log('ready');
