// SPDX-License-Identifier: GPL-2.0-or-later
// One job with the Snap7 client, or with nodes7, on a connection of its own: "yes", or "no" and why.
//   client.js ADDRESS JOB MS [TYPE/SLOT]     how long it waits for an answer; as what it connects, and where: 1/2
const [address, job, patience, place] = process.argv.slice(2);
const [type, slot] = (place || '1/2').split('/').map(Number);

function snap7(work) {
	const client = new (require('node-snap7').S7Client)();

	client.SetConnectionType(type);
	client.SetParam(client.RecvTimeout, Number(patience)); // it does not notice a reset while it waits
	if (!client.ConnectTo(address, 0, slot))
		return console.log('no connection');
	const answer = work(client);
	console.log(answer === false ? 'no ' + client.ErrorText(client.LastError()) : 'yes ' + show(answer));
	client.Disconnect();
}

function show(answer) {
	return Buffer.isBuffer(answer) ? answer.toString('hex') : answer === true ? '' : JSON.stringify(answer);
}

function nodes7(work) {
	const client = new (require('nodes7'))({silent: true});

	setTimeout(() => { console.log('no answer'); process.exit(0); }, 4000);
	client.setTranslationCB(tag => tag);
	client.initiateConnection({port: 102, host: address, rack: 0, slot: 2, timeout: Number(patience)}, error => {
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
function block(length) {
	const bytes = Buffer.alloc(length, 0x77);

	bytes.fill(0, 0, 36);
	bytes.write('pp');
	bytes[5] = 0x0a;
	bytes.writeUInt16BE(20, 6);
	bytes.writeUInt32BE(bytes.length, 8);
	bytes.writeUInt16BE(28, 34);
	return bytes;
}

function items(client, db) {
	return [0, 2, 4].map(start =>
		({Area: client.S7AreaDB, WordLen: client.S7WLByte, DBNumber: db(start), Start: start, Amount: 2}));
}

function several(client, answer) {
	return answer && answer.every(item => item.Result === 0) ? answer.length : answer === false ? false : 'errors';
}

// nodes7 writes every element as bytes
const set = (tag, value) => () => nodes7((c, done) => c.writeItems(tag, value, bad => done(bad)));
const word = (start, bytes) => () => snap7(c => c.WriteArea(c.S7AreaDB, 10, start, bytes.length / 2, c.S7WLWord, Buffer.from(bytes)));

const real = number => () => snap7(c => {
	const bytes = Buffer.alloc(4);

	bytes.writeFloatBE(number);
	return c.WriteArea(c.S7AreaDB, 10, 100, 1, c.S7WLReal, bytes);
});

const jobs = {
	'connect': () => snap7(() => true),
	'read': () => snap7(c => c.DBRead(10, 0, 4)),
	'read-end': () => snap7(c => c.DBRead(10, 124, 4)),
	'read-beyond': () => snap7(c => c.DBRead(10, 125, 4)),
	'read-other': () => snap7(c => c.DBRead(11, 0, 4)),
	'read-all': () => snap7(c => c.DBRead(10, 0, 256)),
	'read-flags': () => snap7(c => c.MBRead(0, 4)),
	'read-inputs': () => snap7(c => c.EBRead(0, 8)),
	'read-outputs': () => snap7(c => c.ABRead(0, 8)),
	'read-several': () => snap7(c => several(c, c.ReadMultiVars(items(c, () => 10)))),
	'read-several-one-other': () => snap7(c => several(c, c.ReadMultiVars(items(c, start => start === 4 ? 11 : 10)))),
	'write': () => snap7(c => c.DBWrite(10, 0, 2, Buffer.from([0x12, 0x34]))),
	'write-beyond': () => snap7(c => c.DBWrite(10, 3, 2, Buffer.from([0x56, 0x78]))),
	'write-other': () => snap7(c => c.DBWrite(11, 0, 2, Buffer.from([0x56, 0x78]))),
	'write-bit': () => snap7(c => c.WriteArea(c.S7AreaMK, 0, 27, 1, c.S7WLBit, Buffer.from([1]))),
	'write-several': () => snap7(c => several(c, c.WriteMultiVars(
		items(c, () => 10).map((item, i) => ({...item, Data: Buffer.from([0, i + 1])}))))),
	'list-blocks': () => snap7(c => c.ListBlocks()),
	'list-blocks-of-type': () => snap7(c => c.ListBlocksOfType(c.Block_DB)),
	'block-info': () => snap7(c => c.GetAgBlockInfo(c.Block_DB, 10)),
	'read-szl': () => snap7(c => c.ReadSZL(0x0011, 0)),
	'read-szl-list': () => snap7(c => c.ReadSZLList()),
	'order-code': () => snap7(c => c.GetOrderCode()),
	'status': () => snap7(c => { const s = c.PlcStatus(); return s === false ? s : Buffer.from([s]); }),
	'read-clock': () => snap7(c => c.GetPlcDateTime()),
	'set-clock': () => snap7(c => c.SetPlcDateTime(new Date(2020, 1, 1))),
	'password': () => snap7(c => c.SetSessionPassword('secret')),
	'clear-password': () => snap7(c => c.ClearSessionPassword()),
	'stop': () => snap7(c => c.PlcStop()),
	'start': () => snap7(c => c.PlcHotStart()),
	'cold-start': () => snap7(c => c.PlcColdStart()),
	'compress': () => snap7(c => c.Compress(1000)),
	'copy-ram-to-rom': () => snap7(c => c.CopyRamToRom(1000)),
	'upload': () => snap7(c => c.FullUpload(c.Block_DB, 10, 1000)),
	'upload-other': () => snap7(c => c.FullUpload(c.Block_DB, 11, 1000)),
	'download': () => snap7(c => c.Download(20, block(1000))),
	'download-other': () => snap7(c => c.Download(21, block(1000))),
	'delete': () => snap7(c => c.Delete(c.Block_DB, 10)),
	'delete-other': () => snap7(c => c.Delete(c.Block_DB, 11)),
	'nodes7-connect': () => nodes7((c, done) => done(false, '')),
	'nodes7-read': () => nodes7((c, done) => { c.addItems('DB10,INT0'); c.readAllItems(done); }),
	'nodes7-read-several': () => nodes7((c, done) => {
		c.addItems(['DB10,INT0', 'DB10,REAL100', 'DB10,X6.3', 'MB2']);
		c.readAllItems(done);
	}),
	'nodes7-read-other': () => nodes7((c, done) => { c.addItems('DB11,INT0'); c.readAllItems(done); }),
	'nodes7-write': set('DB10,INT2', 77),
	'nodes7-write-small': set('DB10,INT0', 13),
	'nodes7-write-200': set('DB10,INT0', 200),
	'nodes7-write-25700': set('DB10,INT0', 25700),
	'nodes7-write-byte': set('DB10,BYTE1', 7),
	'nodes7-write-real': set('DB10,REAL100', 25.5),
	'nodes7-write-real-125': set('DB10,REAL100', 125.5),
	'nodes7-write-both': () => nodes7((c, done) =>
		c.writeItems(['DB10,INT2', 'DB10,REAL104', 'DB10,INT0'], [99, -9.5, 98], bad => done(bad))),
	'nodes7-write-both-101': () => nodes7((c, done) =>
		c.writeItems(['DB10,INT2', 'DB10,REAL104', 'DB10,INT0'], [99, -9.5, 101], bad => done(bad))),
	'write-word': word(0, [0, 99]),
	'write-words': word(0, [0, 98, 0, 99]),
	'write-word-1500': word(0, [5, 0xdc]),
	'write-word-1501': word(0, [5, 0xdd]),
	'write-real': real(80),
	'write-real-81': real(81),
	'write-word-101': word(0, [0, 101]),
	'write-word-between': word(1, [0, 0x0b]),
	'write-bit-of-word': () => snap7(c => c.WriteArea(c.S7AreaDB, 10, 7, 1, c.S7WLBit, Buffer.from([1]))),
	'nodes7-write-several': () => nodes7((c, done) =>
		c.writeItems(['DB10,INT0', 'DB10,INT2'], [17, 18], bad => done(bad))),
	'nodes7-write-bit': set('M3.3', true),
	'nodes7-write-beyond': set('DB10,INT64', 77),
};

jobs[job]();
