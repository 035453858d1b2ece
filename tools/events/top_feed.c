/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Top feed: see top_feed.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "event_line.h"
#include "top_feed.h"

void
top_feed_open(struct top_feed *feed, const char *path)
{
	static const char request[] = "{\"request\":\"events\"}\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	feed->used = feed->skipping = 0;
	feed->fd = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, strlen(path) + 1);
	feed->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (feed->fd >= 0 &&
	    (connect(feed->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		send(feed->fd, request, strlen(request), MSG_NOSIGNAL) !=
		    (ssize_t)strlen(request))) {
		close(feed->fd);
		feed->fd = -1;
	}
}

/* "2026-01-05T08:00:00.008000+0000 DENY": the time of the day is enough of it, in 80 columns. */
static void
shorten(char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000000+0000 ";
	size_t i = 0;

	while (form[i] != '\0' && text[i] != '\0' &&
	    (form[i] == '0'          ? strchr("0123456789", text[i]) != NULL
		    : form[i] == '+' ? strchr("+-", text[i]) != NULL
				     : form[i] == text[i]))
		i++;
	if (form[i] != '\0')
		return;
	memmove(text, text + strlen("0000-00-00T"), strlen("00:00:00"));
	memmove(text + strlen("00:00:00"), text + i - 1, strlen(text + i - 1) + 1);
}

/* Styles go: the screen has none. */
static void
strip(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '\033')
			*to++ = *text;
		else if (!(text = strchr(text, 'm')))
			break;
	}
	*to = '\0';
}

static void
take_line(struct top_feed *feed)
{
	json_t *event = json_loads(feed->line, 0, NULL);
	char *text = NULL;

	if (json_object_get(event, "event_type"))
		text = event_line_text(event);
	json_decref(event);
	if (!text)
		return;
	strip(text);
	shorten(text);
	free(feed->texts[TOP_EVENTS_MAX - 1]);
	memmove(&feed->texts[1], &feed->texts[0], sizeof(feed->texts) - sizeof(feed->texts[0]));
	feed->texts[0] = text;
}

static void
take_byte(struct top_feed *feed, char byte)
{
	if (byte == '\n') {
		feed->line[feed->used] = '\0';
		if (!feed->skipping)
			take_line(feed);
		feed->used = feed->skipping = 0;
	} else if (feed->used + 1 == FEED_LINE_MAX) {
		feed->skipping = 1;
	} else {
		feed->line[feed->used++] = byte;
	}
}

void
top_feed_read(struct top_feed *feed)
{
	char bytes[4096];
	ssize_t n = feed->fd < 0 ? 0 : recv(feed->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	for (ssize_t i = 0; i < n; i++)
		take_byte(feed, bytes[i]);
	if (n == 0 && feed->fd >= 0) {
		close(feed->fd);
		feed->fd = -1;
	}
}

void
top_feed_close(struct top_feed *feed)
{
	if (feed->fd >= 0)
		close(feed->fd);
	for (size_t i = 0; i < TOP_EVENTS_MAX; i++)
		free(feed->texts[i]);
}
