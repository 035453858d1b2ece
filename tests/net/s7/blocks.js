// SPDX-License-Identifier: GPL-2.0-or-later
// A controller of which only that is there which Snap7's server does not do: upload, download, insertion and deletion
// of blocks for clients that are not ours; subscriptions, messages, alarms and test functions for panel.js.
//   blocks.js ADDRESS
// On SIGUSR2 it says which blocks it has, what is in them, which it gave away, and which user data came; on SIGUSR1
// it is as in the beginning first.
const net = require('net');
const slice = 60;
let blocks, loaded, sent, user;

// A data block as clients take it for one: type, number, length in memory, length of its code.
function block(number, filling) {
	const bytes = Buffer.alloc(100, filling);

	bytes.fill(0, 0, 36);
	bytes.write('pp');
	bytes[5] = 0x0a;
	bytes.writeUInt16BE(number, 6);
	bytes.writeUInt32BE(bytes.length, 8);
	bytes.writeUInt16BE(28, 34);
	return bytes;
}

function tell() {
	const lines = [...blocks].map(([name, bytes]) => `block ${name} ${bytes.toString('hex')}`);

	console.log([...lines, ...sent.map(name => `sent ${name}`), ...user, 'end'].join('\n'));
}

function reset() {
	blocks = new Map([['0A00010', block(10, 0x55)], ['0A00011', block(11, 0x66)]]);
	loaded = new Map();
	sent = [];
	user = [];
	tell();
}

class Session {
	constructor(socket) {
		this.socket = socket;
		this.bytes = Buffer.alloc(0);
		this.message = Buffer.alloc(0);
		this.reference = 0x200;
		socket.on('data', bytes => this.take(bytes));
		socket.on('error', () => {});
	}

	take(bytes) {
		this.bytes = Buffer.concat([this.bytes, bytes]);
		while (this.bytes.length >= 7 && this.bytes.length >= this.bytes.readUInt16BE(2)) {
			const length = this.bytes.readUInt16BE(2);
			const frame = Buffer.from(this.bytes.subarray(0, length));

			this.bytes = this.bytes.subarray(length);
			if ((frame[5] & 0xf0) === 0xe0)
				this.confirm(frame);
			else
				this.takeData(frame);
		}
	}

	confirm(frame) {
		frame[5] = 0xd0;
		frame.copy(frame, 6, 8, 10);
		frame.writeUInt16BE(2, 8);
		this.socket.write(frame);
	}

	takeData(frame) {
		this.message = Buffer.concat([this.message, frame.subarray(7)]);
		if (!(frame[6] & 0x80))
			return;
		const message = this.message, header = message[1] === 3 ? 12 : 10, parameters = message.readUInt16BE(6);

		this.message = Buffer.alloc(0);
		this.judge(message[1], message.readUInt16BE(4), message.subarray(header, header + parameters),
			message.subarray(header + parameters));
	}

	send(kind, reference, parameters, data = []) {
		const header = Buffer.from([3, 0, 0, 0, 2, 0xf0, 0x80, 0x32, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
		const length = kind === 3 ? 19 : 17;

		header.writeUInt16BE(length + parameters.length + data.length, 2);
		header.writeUInt16BE(reference, 11);
		header.writeUInt16BE(parameters.length, 13);
		header.writeUInt16BE(data.length, 15);
		this.socket.write(Buffer.concat([header.subarray(0, length), Buffer.from(parameters), Buffer.from(data)]));
	}

	// A job for the client: the next slice of the block, or that it was the last.
	ask(code) {
		this.send(1, ++this.reference, [code, 0, 0, 0, 0, 0, 0, 0, 9, ...Buffer.from('_' + this.name + 'P')]);
	}

	judge(kind, reference, parameters, data) {
		if (kind === 7)
			return this.judgeUser(reference, parameters);
		const work = kind === 3 ? this.answers : this.jobs;

		if (work[parameters[0]])
			work[parameters[0]].call(this, reference, parameters, data);
	}

	// Subscribed variables and messages come at once, by themselves.
	judgeUser(reference, parameters) {
		const group = parameters[5] & 15, sub = parameters[6];
		const values = [0, 2, 0xff, 4, 0, 32, 1, 2, 3, 4, 0xff, 3, 0, 1, 1];
		const answers = {'2.1': values, '4.2': [2, 0], '4.7': [0xff], '4.11': [0xff], '4.19': [0xff]};
		const pushes = {'2.1': values, '4.2': Array(8).fill(0)};
		const name = `${group}.${sub}`;
		const data = bytes => bytes ? [0xff, 9, 0, bytes.length, ...bytes] : [10, 0, 0, 0];

		user.push(`user ${group} ${sub}`);
		this.send(7, reference, [0, 1, 0x12, 8, 0x12, 0x80 | group, sub, 1, 0, 0, 0, 0], data(answers[name]));
		if (pushes[name])
			this.send(7, 0, group === 2 ? [0, 1, 0x12, 8, 0x12, group, sub, 1, 0, 0, 0, 0] :
				[0, 1, 0x12, 4, 0x11, group, 18, 0], data(pushes[name]));
	}

	jobs = {
		0xf0: (reference) => this.send(3, reference, [0xf0, 0, 0, 1, 0, 1, 0, 240]),
		0x1d: (reference, parameters) => {
			this.name = parameters.toString('latin1', 10, 17);
			this.upload = blocks.get(this.name) || Buffer.alloc(0);
			const length = String(this.upload.length).padStart(7, '0');

			this.send(3, reference, [0x1d, 0, 1, 0, 0, 0, 0, 7, 7, ...Buffer.from(length)]);
		},
		0x1e: (reference) => {
			const piece = this.upload.subarray(0, slice);

			this.upload = this.upload.subarray(slice);
			this.send(3, reference, [0x1e, this.upload.length > 0 ? 1 : 0], [0, piece.length, 0, 0xfb, ...piece]);
		},
		0x1f: (reference) => {
			sent.push(this.name);
			this.send(3, reference, [0x1f]);
		},
		0x1a: (reference, parameters) => {
			this.name = parameters.toString('latin1', 10, 17);
			this.download = Buffer.alloc(0);
			this.send(3, reference, [0x1a]);
			this.ask(0x1b);
		},
		0x28: (reference, parameters) => {
			const name = parameters.toString('latin1', 12, 19), service = parameters.toString('latin1', 21);

			if (service === '_DELE')
				blocks.delete(name);
			if (service === '_INSE' && loaded.has(name))
				blocks.set(name, loaded.get(name));
			this.send(3, reference, [0x28]);
		},
	};

	answers = {
		0x1b: (reference, parameters, data) => {
			this.download = Buffer.concat([this.download, data.subarray(4)]);
			this.ask(parameters[1] === 1 ? 0x1b : 0x1c);
		},
		0x1c: () => loaded.set(this.name, this.download),
	};
}

reset();
process.on('SIGUSR1', reset);
process.on('SIGUSR2', tell);
net.createServer(socket => new Session(socket)).listen(102, process.argv[2], () => console.log('ready'));
