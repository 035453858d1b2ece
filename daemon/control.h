/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: the socket through which people ask the running daemon.
 *
 * A stream socket.  A request is one line, a JSON object with the member "request" that names a
 * command.  The answer is one line, a JSON object with "ok": true and what the command tells, or
 * "ok": false and "error".  After the answer to "events", each event follows as a line of its own
 * until the client closes.  A client may ask again after each answer.
 *
 * Who asks has a role (roles.h), and each command needs one.  Places and waiting bytes are shared
 * out by role, so that observers never keep an administrator out, and of each client one request is
 * answered in a round, so that nobody who asks much keeps the daemon from its work.
 *
 * Knows lines, clients and their limits; what the commands mean is a table of its owner.
 */
#ifndef SLUICE_CONTROL_H
#define SLUICE_CONTROL_H

#include <poll.h>
#include <sys/socket.h>

#include <jansson.h>

#include "outlet.h"
#include "roles.h"

#define CONTROL_PATH "/run/sluice/control.sock"

enum {
	CONTROL_CLIENTS_MAX = 16,
	CONTROL_OPERATORS_MAX = 12, /* of these, who may not administer */
	CONTROL_OBSERVERS_MAX = 8,  /* and who may only observe */
	CONTROL_USER_MAX = 4,       /* of one user who may not administer */
	CONTROL_LINE_MAX = 4096,    /* bytes of a request */
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
	enum role role; /* that it needs; none or an unknown one: the highest */
};

struct control_client {
	struct outlet outlet; /* its fd is the client's; -1: nobody is here */
	bool subscribed;
	struct ucred peer; /* who it is, by the kernel's word */
	enum role role;
	int passed; /* a file that came with what it says (SCM_RIGHTS), the last one; or -1 */
	size_t used;
	char line[CONTROL_LINE_MAX];
};

/* Somebody asked for what they may not; `asking` is who. */
typedef void control_refusal(void *context, const struct control_command *command);

/* What the owner of a control socket brings. */
struct control_owner {
	const struct control_command *commands; /* ended by a name of NULL */
	void *context;
	struct role_groups groups;
	bool grouped;             /* one of the groups is there at least */
	control_refusal *refusal; /* NULL: is not told */
};

struct control {
	int fd; /* -1: there is no socket */
	const char *path;
	struct control_owner owner;
	int admit_error;               /* errno for which the groups can't reach the socket, or 0 */
	uint64_t refused;              /* clients, because too many were there */
	uint64_t forbidden;            /* clients of no role, and requests beyond a role */
	struct control_client *asking; /* while an answer is found */
	struct control_client clients[CONTROL_CLIENTS_MAX];
};

/* Listen at `path`, replacing a socket that nobody listens to; -EADDRINUSE if somebody does. */
int control_init(struct control *control, const char *path, const struct control_owner *owner);

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
