/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control: the socket through which root asks the running daemon (jansson).
 *
 * The file's mode admits root only, and who connects is asked once more by its credentials: a
 * directory of the operator's own choice may be open to others.  With a request a file may come,
 * which belongs to the client until its next request or its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

enum {
	CLIENT_LIMIT = 16 << 20, /* bytes that may wait for one client */
	BACKLOG = 16,
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
listen_at(const struct sockaddr_un *address)
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
control_init(struct control *control, const char *path, const struct control_command *commands,
    void *context)
{
	struct sockaddr_un address;
	struct stat status;
	int r;

	*control =
	    (struct control){.fd = -1, .path = path, .commands = commands, .context = context};
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		control->clients[i].outlet.fd = control->clients[i].passed = -1;
	r = address_fill(path, &address);
	if (r < 0)
		return r;
	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		return -EEXIST; /* never remove what is no socket */
	if (address_alive(&address))
		return -EADDRINUSE;
	r = listen_at(&address);
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

void
control_poll(const struct control *control, struct pollfd *ret_files)
{
	ret_files[0] = (struct pollfd){.fd = control->fd, .events = POLLIN};
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		const struct outlet *outlet = &control->clients[i].outlet;

		ret_files[i + 1] = (struct pollfd){.fd = outlet->fd, .events = POLLIN};
		if (outlet_waiting(outlet))
			ret_files[i + 1].events = POLLOUT; /* read on when it has read */
	}
}

static bool
client_permitted(int fd, struct ucred *ret_peer)
{
	socklen_t size = sizeof(*ret_peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) == 0 &&
	    (ret_peer->uid == 0 || ret_peer->uid == geteuid());
}

static struct control_client *
client_free(struct control *control)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (control->clients[i].outlet.fd < 0)
			return &control->clients[i];
	return NULL;
}

static void
client_accept(struct control *control)
{
	static const char too_many[] = "{\"ok\":false,\"error\":\"too many clients\"}\n";
	int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_client *client = client_free(control);
	struct ucred peer;

	if (fd < 0)
		return;
	if (!client || !client_permitted(fd, &peer)) {
		if (!client)
			(void)!send(fd, too_many, sizeof(too_many) - 1, MSG_NOSIGNAL);
		control->refused++;
		close(fd);
		return;
	}
	outlet_init(&client->outlet, fd, CLIENT_LIMIT);
	client->peer = peer;
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
	const struct control_command *command = control->commands;

	while (name && command->name && strcmp(command->name, name) != 0)
		command++;
	return name && command->name ? command : NULL;
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
	control->asking = client;
	told = command->answer(control->context, request, &error);
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

/* Answer each line that is complete; false if the client has to go. */
static bool
client_lines(struct control *control, struct control_client *client)
{
	char *end;

	while ((end = memchr(client->line, '\n', client->used)) != NULL) {
		size_t length = (size_t)(end - client->line) + 1;

		*end = '\0';
		client_answer(control, client, client->line);
		memmove(client->line, client->line + length, client->used - length);
		client->used -= length;
	}
	if (client->used == sizeof(client->line)) {
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

	if (found & POLLOUT) {
		if (outlet_flush(&client->outlet) < 0 && client->outlet.error != EAGAIN)
			client_done(client);
		return;
	}
	n = client_receive(client);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_done(client);
		return;
	}
	client->used += (size_t)n;
	if (!client_lines(control, client))
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
