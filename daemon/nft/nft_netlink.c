/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft netlink: transactions and dumps over a netlink socket, by libmnl.
 *
 * A transaction is one message to the socket: its buffer grows with it.  The kernel works through
 * all of it while we wait in sendmsg(), collects an error for each refused part, and keeps all or
 * nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <libmnl/libmnl.h>

#include "nft_netlink.h"

enum {
	RECEIVE_SIZE = 64 * 1024,
	RECEIVE_BUFFER = 8 * 1024 *
	    1024, /* of the socket: an error is about 100 bytes, refused parts may be many */
	ERROR_SIZE = 4096,
	ERRORS_SHOWN = 20,
};

struct nft_netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	char error[ERROR_SIZE];
};

struct nft_batch {
	char *data;
	size_t size;
	size_t room;
	struct nft_subject *subjects; /* message i of the batch is about subjects[i] */
	size_t count;
	size_t subject_room;
	bool failed; /* out of memory */
};

int
nft_netlink_open(struct nft_netlink **ret_netlink)
{
	struct nft_netlink *netlink = calloc(1, sizeof(*netlink));
	int on = 1, size = RECEIVE_BUFFER, r;

	if (netlink == NULL)
		return -ENOMEM;
	netlink->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (netlink->socket == NULL ||
	    mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		nft_netlink_close(netlink);
		return r;
	}
	/* errors without the whole refused message; more of them than the default buffer holds */
	mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(mnl_socket_get_fd(netlink->socket), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		sizeof(size)) < 0)
		setsockopt(
		    mnl_socket_get_fd(netlink->socket), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*ret_netlink = netlink;
	return 0;
}

void
nft_netlink_close(struct nft_netlink *netlink)
{
	if (netlink == NULL)
		return;
	if (netlink->socket != NULL)
		mnl_socket_close(netlink->socket);
	free(netlink);
}

uint32_t
nft_netlink_port(const struct nft_netlink *netlink)
{
	return mnl_socket_get_portid(netlink->socket);
}

const char *
nft_netlink_error(const struct nft_netlink *netlink)
{
	return netlink->error;
}

void
nft_netlink_fail(struct nft_netlink *netlink, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(netlink->error, sizeof(netlink->error), format, arguments);
	va_end(arguments);
}

static const char *
error_text(int error)
{
	return error == -EPERM ? "not permitted, expected CAP_NET_ADMIN in this network namespace"
			       : strerror(-error);
}

int
nft_netlink_failed(struct nft_netlink *netlink, const char *what, int r)
{
	nft_netlink_fail(netlink, "%s: %s", what, error_text(r));
	return r;
}

/* Batches */

static bool
batch_reserve(struct nft_batch *batch)
{
	if (batch->failed)
		return false;
	if (batch->room - batch->size < NFT_MESSAGE_MAX) {
		size_t room = batch->room * 2 + 2 * (size_t)NFT_MESSAGE_MAX;
		char *data = realloc(batch->data, room);

		batch->failed = data == NULL;
		if (data == NULL)
			return false;
		batch->data = data;
		batch->room = room;
	}
	if (batch->count == batch->subject_room) {
		size_t room = batch->subject_room * 2 + 256;
		struct nft_subject *subjects = realloc(batch->subjects, room * sizeof(*subjects));

		batch->failed = subjects == NULL;
		if (subjects == NULL)
			return false;
		batch->subjects = subjects;
		batch->subject_room = room;
	}
	return true;
}

static struct nlmsghdr *
put_header(char *buffer, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *extra = mnl_nlmsg_put_extra_header(message, sizeof(*extra));

	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	extra->nfgen_family = family;
	extra->version = NFNETLINK_V0;
	extra->res_id = htons(resource);
	return message;
}

struct nft_batch *
nft_batch_new(uint32_t generation)
{
	struct nft_batch *batch = calloc(1, sizeof(*batch));
	struct nlmsghdr *message;

	if (batch == NULL)
		return NULL;
	if (!batch_reserve(batch)) {
		nft_batch_free(batch);
		return NULL;
	}
	message = put_header(batch->data, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	if (generation != 0)
		mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(generation));
	nft_batch_add(batch, message, (struct nft_subject){.kind = "the transaction"});
	return batch;
}

void
nft_batch_free(struct nft_batch *batch)
{
	if (batch == NULL)
		return;
	free(batch->subjects);
	free(batch->data);
	free(batch);
}

struct nlmsghdr *
nft_batch_begin(struct nft_batch *batch, uint16_t type, uint16_t flags, uint8_t family)
{
	if (!batch_reserve(batch))
		return NULL;
	return put_header(&batch->data[batch->size], (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
	    flags, family, 0);
}

void
nft_batch_add(struct nft_batch *batch, const struct nlmsghdr *message, struct nft_subject subject)
{
	batch->size += MNL_ALIGN(message->nlmsg_len);
	batch->subjects[batch->count++] = subject;
}

/* Give each message its number: the first is `sequence`. */
static void
batch_number(struct nft_batch *batch, uint32_t sequence)
{
	void *start = batch->data;
	struct nlmsghdr *message = start;
	int left = (int)batch->size;

	while (mnl_nlmsg_ok(message, left)) {
		message->nlmsg_seq = sequence++;
		message = mnl_nlmsg_next(message, &left);
	}
}

/* What the kernel refused. */
struct refusals {
	struct nft_netlink *netlink;
	const struct nft_batch *batch;
	uint32_t sequence; /* of the first message */
	size_t count;
	int first;
};

/* "rule 3 of plain-tcp", "chain input", "the transaction" */
static void
print_subject(const struct nft_subject *subject, char *buf, size_t size)
{
	if (subject->number > 0)
		snprintf(buf, size, "%s %zu of %s", subject->kind, subject->number, subject->name);
	else
		snprintf(buf, size, "%s%s%s", subject->kind, subject->name ? " " : "",
		    subject->name ? subject->name : "");
}

static void
add_refusal(struct refusals *refusals, uint32_t sequence, int error)
{
	uint32_t index = sequence - refusals->sequence;
	char *text = refusals->netlink->error, subject[512];
	size_t length = strlen(text);

	if (index >= refusals->batch->count)
		return; /* an answer to something older */
	if (refusals->count++ == 0)
		refusals->first = error;
	if (refusals->count > ERRORS_SHOWN)
		return;
	print_subject(&refusals->batch->subjects[index], subject, sizeof(subject));
	snprintf(&text[length], ERROR_SIZE - length, "%s%s: %s", length > 0 ? "\n" : "", subject,
	    error_text(error));
}

/* All answers to a batch are there when sendmsg() has returned. */
static int
receive_refusals(struct refusals *refusals)
{
	int fd = mnl_socket_get_fd(refusals->netlink->socket);
	_Alignas(struct nlmsghdr) char buffer[RECEIVE_SIZE];

	for (;;) {
		ssize_t size = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		void *start = buffer;
		struct nlmsghdr *message = start;
		int left = (int)size;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return refusals->first;
		if (size < 0) /* ENOBUFS: more errors than the socket holds */
			return nft_netlink_failed(
			    refusals->netlink, "answers of the kernel", -errno);
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
			const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

			if (message->nlmsg_type == NLMSG_ERROR && error->error != 0)
				add_refusal(refusals, error->msg.nlmsg_seq, error->error);
		}
	}
}

static int
send_whole(struct nft_netlink *netlink, const void *data, size_t size)
{
	int fd = mnl_socket_get_fd(netlink->socket), room = (int)size + RECEIVE_SIZE;

	if (size > INT32_MAX / 4)
		return -EMSGSIZE;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	while (mnl_socket_sendto(netlink->socket, data, size) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int
nft_netlink_send(struct nft_netlink *netlink, struct nft_batch *batch, bool commit)
{
	struct refusals refusals = {
	    .netlink = netlink, .batch = batch, .sequence = netlink->sequence + 1};
	struct nlmsghdr *end;
	int r;

	netlink->error[0] = '\0';
	if (!batch_reserve(batch))
		return nft_netlink_failed(netlink, "building the transaction", -ENOMEM);
	if (commit) {
		end = put_header(&batch->data[batch->size], NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
		    NFNL_SUBSYS_NFTABLES);
		nft_batch_add(batch, end, (struct nft_subject){.kind = "the transaction"});
	}
	batch_number(batch, refusals.sequence);
	netlink->sequence += (uint32_t)batch->count;
	r = send_whole(netlink, batch->data, batch->size);
	if (r < 0)
		return nft_netlink_failed(netlink, "sending the transaction", r);
	r = receive_refusals(&refusals);
	if (refusals.count > ERRORS_SHOWN) {
		size_t length = strlen(netlink->error);

		snprintf(&netlink->error[length], ERROR_SIZE - length, "\nand %zu more",
		    refusals.count - ERRORS_SHOWN);
	}
	return r;
}

/* Questions */

static int
collect_attribute(const struct nlattr *attribute, void *context)
{
	struct nft_attributes *attributes = context;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type > 0 && type < NFT_ATTRIBUTES_MAX)
		attributes->of[type] = (struct nft_attribute){
		    mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute)};
	return MNL_CB_OK;
}

void
nft_attribute_open(const struct nft_attribute *nested, struct nft_attributes *ret_attributes)
{
	memset(ret_attributes, 0, sizeof(*ret_attributes));
	if (nested->data != NULL)
		mnl_attr_parse_payload(
		    nested->data, nested->size, collect_attribute, ret_attributes);
}

const char *
nft_attribute_string(const struct nft_attribute *attribute)
{
	if (attribute->size == 0 || memchr(attribute->data, '\0', attribute->size) == NULL)
		return "";
	return attribute->data;
}

uint64_t
nft_attribute_number(const struct nft_attribute *attribute)
{
	const uint8_t *digits = attribute->data;
	uint64_t number = 0;

	if (attribute->size > sizeof(number))
		return 0;
	for (size_t i = 0; i < attribute->size; i++)
		number = number << 8 | digits[i];
	return number;
}

void
nft_request_init(struct nft_request *request, uint16_t type, uint16_t flags, uint8_t family)
{
	memset(request->buffer, 0, sizeof(request->buffer));
	put_header(request->buffer, type, flags, family, 0);
}

bool
nft_request_put(struct nft_request *request, uint16_t type, const void *data, size_t size)
{
	void *message = request->buffer;

	return mnl_attr_put_check(message, sizeof(request->buffer), type, size, data);
}

size_t
nft_request_nest(struct nft_request *request, uint16_t type)
{
	void *message = request->buffer;
	struct nlattr *nest = mnl_attr_nest_start_check(message, sizeof(request->buffer), type);

	return nest == NULL ? 0 : (size_t)((char *)nest - request->buffer);
}

void
nft_request_nest_end(struct nft_request *request, size_t nest)
{
	void *message = request->buffer, *start = &request->buffer[nest];

	if (nest > 0)
		mnl_attr_nest_end(message, start);
}

struct question {
	uint32_t sequence;
	nft_answer_callback *callback;
	void *context;
	int result;
	bool done;
};

static void
take_answer(struct question *question, const struct nlmsghdr *message)
{
	struct nft_attributes answer = {0};
	int r = 0;

	if (message->nlmsg_seq != question->sequence)
		return;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		r = -EINTR;
	question->done = !(message->nlmsg_flags & NLM_F_MULTI) || message->nlmsg_type == NLMSG_DONE;
	if (message->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

		r = error->error;
		question->done = true;
	} else if (message->nlmsg_type != NLMSG_DONE && question->callback != NULL) {
		mnl_attr_parse(message, sizeof(struct nfgenmsg), collect_attribute, &answer);
		if (r == 0)
			r = question->callback(question->context, &answer);
	}
	if (question->result == 0)
		question->result = r;
}

int
nft_netlink_ask(struct nft_netlink *netlink, struct nft_request *request,
    nft_answer_callback *callback, void *context)
{
	struct question question = {++netlink->sequence, callback, context, 0, false};
	void *start = request->buffer;
	struct nlmsghdr *message = start;
	_Alignas(struct nlmsghdr) char buffer[RECEIVE_SIZE];

	message->nlmsg_seq = question.sequence;
	if (mnl_socket_sendto(netlink->socket, message, message->nlmsg_len) < 0)
		return -errno;
	while (!question.done) {
		ssize_t size = mnl_socket_recvfrom(netlink->socket, buffer, sizeof(buffer));
		int left = (int)size;

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		start = buffer;
		for (message = start; mnl_nlmsg_ok(message, left);
		     message = mnl_nlmsg_next(message, &left))
			take_answer(&question, message);
	}
	return question.result;
}
