/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: the socket through which people ask the running daemon (jansson).
 *
 * The file's access control list admits root and the groups of the roles, and who connects is
 * looked at once more by its credentials: a directory of the operator's own choice may be open to
 * others.  With a request a file may come,
 * which belongs to the client until its next request or its end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

enum {
	CLIENT_LIMIT = 16 << 20,  /* bytes that may wait for one client */
	OBSERVER_LIMIT = 4 << 20, /* that may only observe */
	BACKLOG = 16,
};

/* For each role: how many clients of it and of those below it there may be; bytes for each. */
static const struct {
	unsigned clients;
	size_t waiting;
} shares[ROLE_COUNT] = {
    [ROLE_OBSERVE] = {CONTROL_OBSERVERS_MAX, OBSERVER_LIMIT},
    [ROLE_OPERATE] = {CONTROL_OPERATORS_MAX, CLIENT_LIMIT},
    [ROLE_ADMINISTER] = {CONTROL_CLIENTS_MAX, CLIENT_LIMIT},
};

static int
address_fill(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	*ret_address = address;
	return 0;
}

/* Does somebody listen there? */
static bool
address_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive;

	if (fd < 0)
		return true;
	alive = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	close(fd);
	return alive;
}

bool
control_alive(const char *path)
{
	struct sockaddr_un address;

	return address_fill(path, &address) == 0 && address_alive(&address);
}

static int
listen_at(struct control *control, const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	unlink(address->sun_path);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	if (r == 0 && control->owner.grouped) /* if it fails, there is root */
		control->admit_error =
		    -role_groups_admit(&control->owner.groups, address->sun_path);
	if (r == 0)
		r = listen(fd, BACKLOG);
	if (r < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int
control_init(struct control *control, const char *path, const struct control_owner *owner)
{
	struct sockaddr_un address;
	struct stat status;
	int r;

	*control = (struct control){.fd = -1, .path = path, .owner = *owner};
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].outlet.fd = control->clients[i].passed = -1;
	r = address_fill(path, &address);
	if (r < 0)
		return r;
	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		return -EEXIST; /* never remove what is no socket */
	if (address_alive(&address))
		return -EADDRINUSE;
	r = listen_at(control, &address);
	if (r < 0)
		return r;
	control->fd = r;
	return 0;
}

static void
client_forget_file(struct control_client *client)
{
	if (client->passed >= 0)
		close(client->passed);
	client->passed = -1;
}

static void
client_done(struct control_client *client)
{
	outlet_done(&client->outlet);
	client_forget_file(client);
	client->subscribed = false;
	client->used = 0;
}

void
control_done(struct control *control)
{
	if (control->fd < 0)
		return;
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		client_done(&control->clients[i]);
	unlink(control->path);
	close(control->fd);
	control->fd = -1;
}

/* A whole request waits. */
static bool
client_has_line(const struct control_client *client)
{
	return memchr(client->line, '\n', client->used) != NULL;
}

void
control_poll(const struct control *control, struct pollfd *ret_files)
{
	ret_files[0] = (struct pollfd){.fd = control->fd, .events = POLLIN};
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		const struct outlet *outlet = &control->clients[i].outlet;

		ret_files[i + 1] = (struct pollfd){.fd = outlet->fd, .events = POLLIN};
		if (outlet_waiting(outlet))
			ret_files[i + 1].events = POLLOUT; /* read on when it has read */
		else if (client_has_line(&control->clients[i]))
			ret_files[i + 1].events = POLLOUT; /* it is its turn at once */
	}
}

/* A place that a client of that role may have, NULL if others of its like have taken all of theirs.
 */
static struct control_client *
client_place(struct control *control, enum role role, uid_t user)
{
	struct control_client *place = NULL;
	unsigned alike = 0, own = 0;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &control->clients[i];

		if (client->outlet.fd < 0) {
			place = client;
			continue;
		}
		alike += client->role <= role;
		own += client->peer.uid == user;
	}
	if (alike >= shares[role].clients || (role != ROLE_ADMINISTER && own >= CONTROL_USER_MAX))
		return NULL;
	return place;
}

/* Say why, if it can be heard at once, and close. */
static void
stranger_refuse(int fd, const char *error)
{
	char line[256];

	snprintf(line, sizeof(line), "{\"ok\":false,\"error\":\"%s\"}\n", error);
	(void)!send(fd, line, strlen(line), MSG_NOSIGNAL);
	close(fd);
}

static void
client_accept(struct control *control)
{
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_client *client;
	struct ucred peer;
	enum role role;

	if (fd < 0)
		return;
	role = role_of_peer(&control->owner.groups, fd, &peer);
	if (role == ROLE_NONE) {
		control->forbidden++;
		stranger_refuse(
		    fd, "no permission: neither root nor a member of a group of sluice");
		return;
	}
	client = client_place(control, role, peer.uid);
	if (!client) {
		control->refused++;
		stranger_refuse(fd, "too many clients");
		return;
	}
	outlet_init(&client->outlet, fd, shares[role].waiting);
	client->peer = peer;
	client->role = role;
}

/* Takes the object. */
static void
client_send(struct control_client *client, json_t *answer)
{
	char *line = json_dumps(answer, JSON_COMPACT);

	if (line)
		outlet_line(&client->outlet, line);
	free(line);
	json_decref(answer);
}

static void
client_refuse(struct control_client *client, const char *error)
{
	client_send(client, json_pack("{s:b, s:s}", "ok", 0, "error", error));
}

static const struct control_command *
command_find(const struct control *control, const char *name)
{
	const struct control_command *command = control->owner.commands;

	while (name && command->name && strcmp(command->name, name) != 0)
		command++;
	return name && command->name ? command : NULL;
}

/* True, and a refusal was sent, if the client's role is too low. */
static bool
client_forbidden(
    struct control *control, struct control_client *client, const struct control_command *command)
{
	enum role needed = role_needed(command->role);
	char error[160];

	if (client->role >= needed)
		return false;
	snprintf(error, sizeof(error),
	    "no permission: %s needs the role %s, which root and members of the group %s have",
	    command->name, role_name(needed), role_group(needed));
	client_forget_file(client);
	client_refuse(client, error);
	control->forbidden++;
	control->asking = client;
	if (control->owner.refusal)
		control->owner.refusal(control->owner.context, command);
	control->asking = NULL;
	return true;
}

/* Answer one line. */
static void
client_answer(struct control *control, struct control_client *client, const char *line)
{
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL), *told, *answer;
	const char *name = json_string_value(json_object_get(request, "request"));
	const struct control_command *command = command_find(control, name);
	const char *error = "memory is out";

	if (!command) {
		client_refuse(client, !request ? "not a JSON object" : "unknown request");
		json_decref(request);
		return;
	}
	if (client_forbidden(control, client, command)) {
		json_decref(request);
		return;
	}
	control->asking = client;
	told = command->answer(control->owner.context, request, &error);
	control->asking = NULL;
	client_forget_file(client);
	json_decref(request);
	if (!told) {
		client_refuse(client, error);
		return;
	}
	answer = json_pack("{s:b}", "ok", !json_object_get(told, "error"));
	json_object_update(answer, told);
	json_decref(told);
	client_send(client, answer);
	client->subscribed |= command->subscribe;
}

/* Answer the first line, if one is complete; false if the client has to go. */
static bool
client_turn(struct control *control, struct control_client *client)
{
	char *end = memchr(client->line, '\n', client->used);

	if (end) {
		size_t length = (size_t)(end - client->line) + 1;

		*end = '\0';
		client_answer(control, client, client->line);
		memmove(client->line, client->line + length, client->used - length);
		client->used -= length;
	}
	if (client->used == sizeof(client->line) && !client_has_line(client)) {
		client_refuse(client, "the request is too long");
		return false;
	}
	return true;
}

/* A file that comes with a message takes the place of one that came before; of many, the last. */
static void
take_file(struct control_client *client, struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			client_forget_file(client);
			memcpy(&client->passed, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
		}
	}
}

static ssize_t
client_receive(struct control_client *client)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec bytes = {&client->line[client->used], sizeof(client->line) - client->used};
	struct msghdr message = {.msg_iov = &bytes,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(client->outlet.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n >= 0)
		take_file(client, &message);
	return n;
}

static void
client_serve(struct control *control, struct control_client *client, short found)
{
	ssize_t n;

	if (outlet_waiting(&client->outlet)) {
		if (outlet_flush(&client->outlet) < 0 && client->outlet.error != EAGAIN)
			client_done(client);
		return;
	}
	if (!client_has_line(client)) {
		n = client_receive(client);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			client_done(client);
			return;
		}
		client->used += (size_t)n;
	}
	if (!client_turn(control, client))
		client_done(client);
}

void
control_serve(struct control *control, const struct pollfd *files)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &control->clients[i];

		if (files[i + 1].revents != 0 && client->outlet.fd == files[i + 1].fd)
			client_serve(control, client, files[i + 1].revents);
	}
	if (files[0].revents & POLLIN)
		client_accept(control);
}

void
control_publish(struct control *control, const char *line)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].subscribed)
			outlet_line(&control->clients[i].outlet, line);
}

bool
control_subscribed(const struct control *control)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].subscribed)
			return true;
	return false;
}
