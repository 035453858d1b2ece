// SPDX-License-Identifier: GPL-2.0-or-later
// Clients that poll, are refused between two polls, and go on polling on the same connection.
//   refused.js snap7|nodes7 ADDRESS
// A line for each step: what the program that uses the client gets to know.
const [which, address] = process.argv.slice(2);
const say = (what, error) => console.log(`${what}: ${error ? error : 'right'}`);

function snap7() {
	const c = new (require('node-snap7').S7Client)();
	const step = (what, work) => say(what, work() === false && c.ErrorText(c.LastError()).replace(/ +/g, ' ').trim());

	c.SetConnectionType(1);
	if (!c.ConnectTo(address, 0, 2))
		return console.log('no connection');
	for (let i = 0; i < 3; i++) {
		step('read', () => c.DBRead(10, 0, 4));
		step('write', () => c.DBWrite(10, 0, 2, Buffer.from([0x12, 0x34])));
		step('read-other', () => c.DBRead(11, 0, 4));
		step('stop', () => c.PlcStop());
	}
	step('read', () => c.DBRead(10, 0, 4));
	console.log(c.Connected() ? 'the same connection' : 'another connection');
	c.Disconnect();
}

function nodes7() {
	const c = new (require('nodes7'))({silent: true});
	const read = () => new Promise(done => c.readAllItems((bad, values) => done(bad ? 'bad' : false)));
	const write = () => new Promise(done => c.writeItems('DB10,INT2', 77, bad => done(bad ? 'bad' : false)));

	c.setTranslationCB(tag => tag);
	c.initiateConnection({port: 102, host: address, rack: 0, slot: 2, timeout: 3000}, async error => {
		const socket = c.isoclient;

		if (error) {
			console.log('no connection');
			process.exit(0);
		}
		c.addItems(['DB10,INT0', 'DB10,REAL100']);
		for (let i = 0; i < 3; i++) {
			say('read', await read());
			say('write', await write());
		}
		say('read', await read());
		console.log(c.isoclient === socket && !socket.destroyed && c.isoConnectionState === 4 ?
			'the same connection' : 'another connection');
		process.exit(0);
	});
}

({snap7, nodes7})[which]();
