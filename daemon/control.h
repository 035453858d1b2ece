/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: the socket through which root asks the running daemon.
 *
 * A stream socket.  A request is one line, a JSON object with the member "request" that names a
 * command.  The answer is one line, a JSON object with "ok": true and what the command tells, or
 * "ok": false and "error".  After the answer to "events", each event follows as a line of its own
 * until the client closes.  A client may ask again after each answer.
 *
 * Knows lines, clients and their limits; what the commands mean is a table of its owner.
 */
#ifndef SLUICE_CONTROL_H
#define SLUICE_CONTROL_H

#include <poll.h>
#include <sys/socket.h>

#include <jansson.h>

#include "outlet.h"

#define CONTROL_PATH "/run/sluice/control.sock"

enum {
	CONTROL_CLIENTS_MAX = 16,
	CONTROL_LINE_MAX = 4096, /* bytes of a request */
};

/*
 * Answer a request.  Returns a new object whose members become those of the answer, or NULL and a
 * sentence in *ret_error (a static string).  An object with the member "error" is a refusal too,
 * with what else there is to say about it.
 */
typedef json_t *control_answer(void *context, const json_t *request, const char **ret_error);

struct control_command {
	const char *name;
	control_answer *answer;
	bool subscribe; /* events follow the answer */
};

struct control_client {
	struct outlet outlet; /* its fd is the client's; -1: nobody is here */
	bool subscribed;
	struct ucred peer; /* who it is, by the kernel's word */
	int passed; /* a file that came with what it says (SCM_RIGHTS), the last one; or -1 */
	size_t used;
	char line[CONTROL_LINE_MAX];
};

struct control {
	int fd; /* -1: there is no socket */
	const char *path;
	const struct control_command *commands; /* ended by a name of NULL */
	void *context;
	uint64_t refused;              /* clients, because too many were there */
	struct control_client *asking; /* while an answer is found */
	struct control_client clients[CONTROL_CLIENTS_MAX];
};

/* Listen at `path`, replacing a socket that nobody listens to; -EADDRINUSE if somebody does. */
int control_init(struct control *control, const char *path, const struct control_command *commands,
    void *context);

/* Does a daemon listen at `path`? */
bool control_alive(const char *path);

/* Close all and remove the socket. */
void control_done(struct control *control);

/* Fill in what to poll for: CONTROL_CLIENTS_MAX + 1 entries, fd -1 where there is nothing. */
void control_poll(const struct control *control, struct pollfd *ret_files);

/* Do what poll() found. */
void control_serve(struct control *control, const struct pollfd *files);

/* A line for every subscriber. */
void control_publish(struct control *control, const char *line);

bool control_subscribed(const struct control *control);

#endif
