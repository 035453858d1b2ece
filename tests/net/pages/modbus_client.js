// SPDX-License-Identifier: GPL-2.0-or-later
// Modbus clients from npm, modbus-serial (which Node-RED's nodes are built on) and jsmodbus: commands on one
// connection, a line of answer for each, as modbus_client.c says.
//   modbus_client.js modbus-serial|jsmodbus ADDRESS UNIT COMMAND...
const [library, address, unit, ...texts] = process.argv.slice(2);

function floats(numbers) {
	const bytes = Buffer.alloc(4 * numbers.length);

	numbers.forEach((number, i) => bytes.writeFloatBE(number, 4 * i));
	return bytes;
}

async function modbusSerial() {
	const client = new (require('modbus-serial'))();
	const data = answer => answer.data;
	const bits = count => answer => answer.data.slice(0, count); // it gives whole bytes

	await client.connectTCP(address, {port: 502});
	client.setID(Number(unit));
	client.setTimeout(2000);
	return {
		'read-coils': (first, count) => client.readCoils(first, count).then(bits(count)),
		'read-discrete': (first, count) => client.readDiscreteInputs(first, count).then(bits(count)),
		'read-input': (first, count) => client.readInputRegisters(first, count).then(data),
		'read-holding': (first, count) => client.readHoldingRegisters(first, count).then(data),
		'write-coil': (point, value) => client.writeCoil(point, value !== 0),
		'write-coils': (first, ...values) => client.writeCoils(first, values.map(v => v !== 0)),
		'write-register': (point, value) => client.writeRegister(point, value),
		'write-registers': (first, ...values) => client.writeRegisters(first, values),
		'write-floats': (first, ...numbers) => client.writeRegisters(first, floats(numbers)),
		'mask': (point, and, or) => client.maskWriteRegister(point, and, or),
		'device-id': () => client.readDeviceIdentification(1, 0).then(answer => Object.values(answer.data)),
	};
}

async function jsmodbus() {
	const socket = new (require('net').Socket)();
	const client = new (require('jsmodbus').client.TCP)(socket, Number(unit), 2000);
	const values = count => answer => Array.from(answer.response.body.valuesAsArray).slice(0, count);

	await new Promise((done, failed) => {
		socket.on('error', failed);
		socket.connect({host: address, port: 502}, done);
	});
	return {
		'read-coils': (first, count) => client.readCoils(first, count).then(values(count)),
		'read-discrete': (first, count) => client.readDiscreteInputs(first, count).then(values(count)),
		'read-input': (first, count) => client.readInputRegisters(first, count).then(values(count)),
		'read-holding': (first, count) => client.readHoldingRegisters(first, count).then(values(count)),
		'write-coil': (point, value) => client.writeSingleCoil(point, value !== 0),
		'write-coils': (first, ...bits) => client.writeMultipleCoils(first, bits.map(v => v !== 0)),
		'write-register': (point, value) => client.writeSingleRegister(point, value),
		'write-registers': (first, ...words) => client.writeMultipleRegisters(first, words),
		'write-floats': (first, ...numbers) => client.writeMultipleRegisters(first, floats(numbers)),
		'device-id': () => client.readDeviceIdentification(1, 0).then(answer =>
			Array.from(answer.response.body.objects.values(), object => object.value)),
	};
}

function told(answer) {
	return Array.isArray(answer) ? ' ' + answer.map(value => typeof value === 'boolean' ? Number(value) : value).join(' ') : '';
}

async function main() {
	const commands = await {'modbus-serial': modbusSerial, jsmodbus}[library]();

	for (const text of texts) {
		const [word, ...numbers] = text.split(' ');

		try {
			console.log('yes' + told(await commands[word](...numbers.map(Number))));
		} catch (error) {
			console.log('no ' + (error.message || error.err || 'answer'));
		}
	}
}

main().catch(error => console.log('no ' + error.message)).finally(() => process.exit(0));
