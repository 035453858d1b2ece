// SPDX-License-Identifier: GPL-2.0-or-later
// What panels and engineering tools say that neither Snap7 nor nodes7 can: one user data message on a connection of
// its own, "yes" with the answer and with what the controller then sends by itself, or "no" and why.
//   panel.js ADDRESS JOB MS TYPE/SLOT
const net = require('net');
const [address, job, patience, place] = process.argv.slice(2);
const [type, slot] = place.split('/').map(Number);
const variables = block => `0002 0101 120a 1002 0004 00${block} 8400 0000 120a 1001 0001 0000 8300 0003`;
const table = '0014 0002 0000 0000 0001 0000 0000 0001 0001 0001 0001 0000 1303';
const alarm = '0000 0000 0000 0000';

// Group, sub-function, data; and what the controller sends unasked behind its answer.
const jobs = {
	'cyclic-transfer': [2, 1, variables('0a'), 'pushes'],
	'cyclic-transfer-other': [2, 1, variables('0b'), 'pushes'],
	'change-driven-transfer': [2, 5, variables('0a')],
	'change-driven-modify': [2, 7, variables('0a')],
	'block-status': [1, 1, table],
	'variable-status': [1, 2, table],
	'modify-variable': [1, 8, table],
	'message-service': [4, 2, '8100 686d 6920 2020 2020', 'pushes'],
	'alarm-8-lock': [4, 7, alarm],
	'alarm-acknowledge': [4, 11, alarm],
	'alarm-query': [4, 19, alarm],
};

function hex(text) {
	return Buffer.from(text.replace(/ /g, ''), 'hex');
}

function frame(header, data = Buffer.alloc(0)) {
	const bytes = Buffer.concat([hex('0300 0000 02f0 80'), header, data]);

	bytes.writeUInt16BE(bytes.length, 2);
	return bytes;
}

function request([group, sub, text]) {
	const data = hex(text);
	const header = hex('3207 0000 0092 0008 0000 0001 1204 1100 0000 ff09 0000');

	header.writeUInt16BE(data.length + 4, 8);
	header[15] = 0x40 | group;
	header[16] = sub;
	header.writeUInt16BE(data.length, 20);
	return frame(header, data);
}

const steps = [
	Buffer.concat([hex('0300 0016 11e0 0000 0009 00c0 010a c102 0100 c202'), Buffer.from([type, slot])]),
	frame(hex('3201 0000 0001 0008 0000 f000 0001 0001 01e0')),
	request(jobs[job]),
];
const socket = net.connect(102, address, () => socket.write(steps.shift()));
let bytes = Buffer.alloc(0);
const told = [];

function end(text) {
	console.log(text);
	process.exit(0);
}

function take(message) {
	if (steps.length > 0)
		return socket.write(steps.shift());
	told.push(message.subarray(7).toString('hex'));
	if (told.length > (jobs[job][3] ? 1 : 0))
		end('yes ' + told.join(' '));
}

socket.on('data', more => {
	bytes = Buffer.concat([bytes, more]);
	while (bytes.length >= 4 && bytes.length >= bytes.readUInt16BE(2)) {
		const length = bytes.readUInt16BE(2);

		take(bytes.subarray(0, length));
		bytes = bytes.subarray(length);
	}
});
socket.on('error', error => end('no ' + error.message));
socket.on('close', () => end('no more connection'));
setTimeout(() => end('no answer'), Number(patience));
