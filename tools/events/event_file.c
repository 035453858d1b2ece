/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event file: see event_file.h.
 *
 * Whoever rotates a file renames it first; its writer goes on in the renamed one until it is told
 * to open the name anew.  So the first file is read until another one has the name and nothing more
 * has come for the length of a pause.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "event_file.h"
#include "terminal.h"

enum {
	LINE_MAX_BYTES = 1 << 20, /* of a line; a longer one is handed out in parts */
	PAUSE_MS = 200,
};

struct event_file {
	const char *name;
	int fd;
	off_t position;
	uint64_t line_number;
	char *line;
	size_t used;
	bool replaced; /* another file has the name: this one ends when nothing more comes */
	bool missed;   /* it was told that nothing has the name */
	bool (*each)(void *context, const char *line, uint64_t number);
	void (*caught_up)(void *context); /* NULL once it was called */
	void *context;
};

static int
refuse(const struct event_file *file, int error)
{
	complain("events: %s: %s", file->name, strerror(error));
	return -error;
}

static void
pause_briefly(void)
{
	struct timespec time = {.tv_nsec = PAUSE_MS * 1000000L};

	nanosleep(&time, NULL);
}

static bool
hand_out(struct event_file *file)
{
	file->line[file->used] = '\0';
	file->used = 0;
	return file->each(file->context, file->line, ++file->line_number);
}

/* Lines of what was read; false if nobody wants more. */
static bool
take_bytes(struct event_file *file, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] != '\n')
			file->line[file->used++] = bytes[i];
		if ((bytes[i] == '\n' || file->used == LINE_MAX_BYTES) && !hand_out(file))
			return false;
	}
	return true;
}

/* All that is there now. 1: the end was reached; 0: nobody wants more; -errno. */
static int
read_on(struct event_file *file, bool *ret_some)
{
	char bytes[16384];
	ssize_t count;

	*ret_some = false;
	while ((count = read(file->fd, bytes, sizeof(bytes))) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return refuse(file, errno);
		*ret_some = true;
		file->position += count;
		if (!take_bytes(file, bytes, (size_t)count))
			return 0;
	}
	return 1;
}

/* A last line without a line feed. */
static int
end_file(struct event_file *file)
{
	return file->used > 0 && !hand_out(file) ? 0 : 1;
}

static void
tell_caught_up(struct event_file *file)
{
	if (file->caught_up)
		file->caught_up(file->context);
	file->caught_up = NULL;
}

static void
begin_file(struct event_file *file, int fd)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = fd;
	file->position = 0;
	file->line_number = 0;
	file->used = 0;
	file->replaced = false;
	file->missed = false;
}

/* It may be that nothing has the name for a while. 0 or -errno. */
static int
open_name(struct event_file *file)
{
	int fd = open(file->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		begin_file(file, fd);
	else if (errno != ENOENT)
		return refuse(file, errno);
	else if (!file->missed)
		complain("events: there is no %s; waiting for it", file->name);
	file->missed = fd < 0;
	return 0;
}

/* Was the file cut off, and has another one taken its name? */
static void
look_at_name(struct event_file *file)
{
	struct stat here, there;

	if (fstat(file->fd, &here) < 0)
		return;
	if (S_ISREG(here.st_mode) && here.st_size < file->position) {
		complain("events: %s was cut off; reading it from its beginning", file->name);
		if (lseek(file->fd, 0, SEEK_SET) == 0) {
			file->position = 0;
			file->line_number = 0;
			file->used = 0;
		}
	}
	file->replaced = stat(file->name, &there) == 0 &&
	    (there.st_dev != here.st_dev || there.st_ino != here.st_ino);
}

static int
follow_file(struct event_file *file)
{
	int r = 1;

	while (r > 0) {
		bool some = false, replaced = file->replaced;

		r = file->fd < 0 ? 1 : read_on(file, &some);
		if (r <= 0)
			break;
		tell_caught_up(file);
		if (file->fd < 0 || (replaced && !some)) {
			r = file->fd < 0 ? 1 : end_file(file);
			if (r > 0 && open_name(file) < 0)
				return -EIO;
			if (file->fd >= 0 && !file->missed)
				continue;
		} else {
			look_at_name(file);
		}
		pause_briefly();
	}
	return r;
}

static int
read_once(struct event_file *file)
{
	bool some;
	int r = read_on(file, &some);

	r = r > 0 ? end_file(file) : r;
	if (r >= 0)
		tell_caught_up(file);
	return r;
}

int
event_file_read(const char *name, bool follow,
    bool (*each)(void *context, const char *line, uint64_t number),
    void (*caught_up)(void *context), void *context)
{
	bool standard = strcmp(name, "-") == 0;
	struct event_file file = {
	    .name = name,
	    .fd = standard ? dup(STDIN_FILENO) : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY),
	    .line = malloc(LINE_MAX_BYTES + 1),
	    .each = each,
	    .caught_up = caught_up,
	    .context = context,
	};
	int r;

	if (!file.line)
		r = refuse(&file, ENOMEM);
	else if (file.fd < 0 && (standard || !follow || errno != ENOENT))
		r = refuse(&file, errno);
	else
		r = follow && !standard ? follow_file(&file) : read_once(&file);
	if (file.fd >= 0)
		close(file.fd);
	free(file.line);
	return r < 0 ? r : 0;
}
