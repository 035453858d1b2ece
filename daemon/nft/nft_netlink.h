/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nft netlink: transactions and dumps over a netlink socket.  The one place where the ruleset uses
 * libmnl.
 */
#ifndef SLUICE_NFT_NETLINK_H
#define SLUICE_NFT_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct nft_netlink;

int nft_netlink_open(struct nft_netlink **ret_netlink);
void nft_netlink_close(struct nft_netlink *netlink);

/* The number by which the kernel knows the socket. */
uint32_t nft_netlink_port(const struct nft_netlink *netlink);

/* Why the last call failed, as nft_error() promises. */
const char *nft_netlink_error(const struct nft_netlink *netlink);

/* Set that text, in printf's manner. */
void nft_netlink_fail(struct nft_netlink *netlink, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Set it for a failure of the whole of `what`; returns r. */
int nft_netlink_failed(struct nft_netlink *netlink, const char *what, int r);

/* Messages that the kernel takes together or not at all. */
struct nft_batch;

/* With `generation` not zero, the kernel refuses with -ERESTART if its rules have changed since. */
struct nft_batch *nft_batch_new(uint32_t generation);
void nft_batch_free(struct nft_batch *batch);

/* What a message is about; told when the kernel refuses it.  Strings live as long as the batch. */
struct nft_subject {
	const char *kind; /* "counter" */
	const char *name; /* or NULL */
	size_t number;    /* "rule 3 of", from 1; 0: none */
};

/*
 * Begin a message of type NFT_MSG_... (family inet) with room for NFT_MESSAGE_MAX bytes; end it
 * with nft_batch_add() before the next one.  NULL when memory is out, now and from now on;
 * nft_netlink_send() tells then.
 */
struct nlmsghdr *nft_batch_begin(
    struct nft_batch *batch, uint16_t type, uint16_t flags, uint8_t family);
void nft_batch_add(
    struct nft_batch *batch, const struct nlmsghdr *message, struct nft_subject subject);

enum { NFT_MESSAGE_MAX = 128 * 1024 };

/*
 * Hand a batch to the kernel, once.  Without `commit` the kernel tries everything and keeps
 * nothing.  Returns 0 or -errno of the first refused message; all of them are in
 * nft_netlink_error().
 */
int nft_netlink_send(struct nft_netlink *netlink, struct nft_batch *batch, bool commit);

/* An attribute of an answer. */
struct nft_attribute {
	const void *data; /* NULL: the answer has none */
	size_t size;
};

enum { NFT_ATTRIBUTES_MAX = 32 };

/* By type; those of larger types are left out, of[0] is always empty. */
struct nft_attributes {
	struct nft_attribute of[NFT_ATTRIBUTES_MAX];
};

/* Attributes inside an attribute; empty if it is not well-formed. */
void nft_attribute_open(const struct nft_attribute *nested, struct nft_attributes *ret_attributes);

/* Its value; "", 0 if it is missing or has another form. Numbers are big endian in all of nftables.
 */
const char *nft_attribute_string(const struct nft_attribute *attribute);
uint64_t nft_attribute_number(const struct nft_attribute *attribute);

enum { NFT_REQUEST_SIZE = 256 };

/* A question; `type` includes the subsystem. */
struct nft_request {
	_Alignas(8) char buffer[NFT_REQUEST_SIZE];
};

void nft_request_init(struct nft_request *request, uint16_t type, uint16_t flags, uint8_t family);
/* Returns false if the request is full. */
bool nft_request_put(struct nft_request *request, uint16_t type, const void *data, size_t size);

/*
 * Begin an attribute that holds others, and end it: what is put in between is inside.  Of a request
 * that is full nothing comes of it, and nft_request_put() says so.
 */
size_t nft_request_nest(struct nft_request *request, uint16_t type);
void nft_request_nest_end(struct nft_request *request, size_t nest);

/* Called for each answer; what it returns first other than 0 becomes the result, after all answers
 * were read. */
typedef int nft_answer_callback(void *context, const struct nft_attributes *answer);

/*
 * Ask and wait for all answers, or for the acknowledgement if the request asks for one.  Returns 0,
 * -errno of kernel or callback; -EINTR: what was asked for changed meanwhile, ask again.
 */
int nft_netlink_ask(struct nft_netlink *netlink, struct nft_request *request,
    nft_answer_callback *callback, void *context);

#endif
