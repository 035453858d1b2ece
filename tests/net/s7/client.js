// SPDX-License-Identifier: GPL-2.0-or-later
// One job with the Snap7 client, or with nodes7, on a connection of its own: "yes", or "no" and why.
//   client.js ADDRESS JOB
const [address, job] = process.argv.slice(2);

function snap7(work) {
	const client = new (require('node-snap7').S7Client)();

	client.SetConnectionType(1);
	if (!client.ConnectTo(address, 0, 2))
		return console.log('no connection');
	const answer = work(client);
	console.log(answer === false ? 'no ' + client.ErrorText(client.LastError()) : 'yes ' + show(answer));
	client.Disconnect();
}

function show(answer) {
	return Buffer.isBuffer(answer) ? answer.toString('hex') : answer === true ? '' : 'data';
}

function nodes7(work) {
	const client = new (require('nodes7'))({silent: true});

	setTimeout(() => { console.log('no answer'); process.exit(0); }, 4000);
	client.initiateConnection({port: 102, host: address, rack: 0, slot: 2, timeout: 2000}, error => {
		if (error) {
			console.log('no connection');
			process.exit(0);
		}
		work(client, (bad, values) => {
			console.log(bad ? 'no' : 'yes ' + JSON.stringify(values));
			process.exit(0);
		});
	});
}

// A data block that the client takes for one: type, number, length.
function block() {
	const bytes = Buffer.alloc(100);

	bytes.write('pp');
	bytes[5] = 0x0a;
	bytes.writeUInt16BE(20, 6);
	bytes.writeUInt32BE(bytes.length, 8);
	bytes.writeUInt16BE(28, 34);
	return bytes;
}

const jobs = {
	'read': () => snap7(c => c.DBRead(10, 0, 4)),
	'read-end': () => snap7(c => c.DBRead(10, 124, 4)),
	'read-beyond': () => snap7(c => c.DBRead(10, 125, 4)),
	'read-other': () => snap7(c => c.DBRead(11, 0, 4)),
	'read-all': () => snap7(c => c.DBRead(10, 0, 256)),
	'write': () => snap7(c => c.DBWrite(10, 0, 2, Buffer.from([0x12, 0x34]))),
	'write-beyond': () => snap7(c => c.DBWrite(10, 3, 2, Buffer.from([0x56, 0x78]))),
	'write-other': () => snap7(c => c.DBWrite(11, 0, 2, Buffer.from([0x56, 0x78]))),
	'list-blocks': () => snap7(c => c.ListBlocks()),
	'read-szl': () => snap7(c => c.ReadSZL(0x0011, 0)),
	'read-clock': () => snap7(c => c.GetPlcDateTime()),
	'set-clock': () => snap7(c => c.SetPlcDateTime(new Date(2020, 1, 1))),
	'status': () => snap7(c => { const s = c.PlcStatus(); return s === false ? s : Buffer.from([s]); }),
	'stop': () => snap7(c => c.PlcStop()),
	'start': () => snap7(c => c.PlcHotStart()),
	'download': () => snap7(c => c.Download(20, block())),
	'nodes7-read': () => nodes7((c, done) => {
		c.setTranslationCB(tag => tag);
		c.addItems('DB10,INT0');
		c.readAllItems(done);
	}),
	'nodes7-write': () => nodes7((c, done) => c.writeItems('DB10,INT2', 77, bad => done(bad))),
	'nodes7-write-beyond': () => nodes7((c, done) => c.writeItems('DB10,INT64', 77, bad => done(bad))),
};

jobs[job]();
