/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load, first step: the files of a policy as one text.
 *
 * libconfig never opens a file here: its scanner ends the process when it can't read (an @include
 * of a directory is enough), takes paths from the working directory, wraps numbers that are too
 * large, and lets an unclosed comment swallow the rest.  So this scanner follows strings, comments,
 * numbers and brackets with the same rules, puts included files in, and leaves libconfig nothing of
 * that to go wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"
#include "numbers.h"

enum {
	SOURCE_SIZE_MAX = 32 << 20, /* bytes of all files together */
	INCLUDE_DEPTH_MAX = 10,
	BRACKET_DEPTH_MAX = 32,
	GROUP_SETTINGS_MAX =
	    16384, /* in a group: libconfig compares each new name with all others */
};

struct bracket {
	size_t settings; /* so far */
	char close;      /* what must end it */
	struct location where;
};

/* Brackets may be closed in another file than they were opened in, as libconfig has it. */
struct brackets {
	struct bracket outside;
	struct bracket open[BRACKET_DEPTH_MAX];
	size_t count;
};

struct scan {
	struct loader *l;
	const struct scan *parent; /* the file that includes this one */
	struct brackets *brackets;
	const char *file;
	const char *text; /* ends with a line feed and a zero byte */
	const char *at;
	const char *flushed; /* up to here it is in l->source */
	unsigned line;
	unsigned offset; /* line + offset: number of the line in l->source */
	unsigned flushed_line;
	unsigned long_string;  /* line of the first string that goes on in the next one, or 0 */
	unsigned foreign_line; /* the last line with a character that belongs into strings only */
	unsigned depth;
};

static void scan_text(struct scan *s);

static struct location
scan_where(const struct scan *s)
{
	return (struct location){.file = s->file, .line = s->line, .order = s->line + s->offset};
}

static void
source_add_line(struct loader *l, const char *file, unsigned line)
{
	struct source *source = &l->source;
	struct location *lines;
	size_t size;

	if (source->line_count == source->line_size) {
		size = source->line_size ? source->line_size * 2 : 256;
		lines = reallocarray(source->lines, size, sizeof(*lines));
		if (!lines)
			longjmp(l->out_of_memory, 1);
		source->lines = lines;
		source->line_size = size;
	}
	source->lines[source->line_count] = (struct location){
	    .file = file, .line = line, .order = (unsigned)source->line_count + 1};
	source->line_count++;
}

/* Append text that begins in `line` of `file`; the zero byte behind it is not counted. */
static void
source_append(struct loader *l, const char *file, unsigned line, const char *text, size_t length)
{
	struct source *source = &l->source;
	const char *end = text + length, *p;
	char *grown;
	size_t size;

	if (source->length + length + 1 > source->size) {
		size = (source->length + length + 1) * 2;
		grown = realloc(source->text, size);
		if (!grown)
			longjmp(l->out_of_memory, 1);
		source->text = grown;
		source->size = size;
	}
	if (length && (source->length == 0 || source->text[source->length - 1] == '\n'))
		source_add_line(l, file, line);
	memcpy(source->text + source->length, text, length);
	source->length += length;
	source->text[source->length] = '\0';
	for (p = memchr(text, '\n', length); p; p = memchr(p, '\n', (size_t)(end - p))) {
		line++;
		if (++p == end)
			break;
		source_add_line(l, file, line);
	}
}

static void
scan_flush(struct scan *s, const char *end)
{
	source_append(s->l, s->file, s->flushed_line, s->flushed, (size_t)(end - s->flushed));
	s->flushed = s->at;
	s->flushed_line = s->line;
}

/* Move behind `end`, counting lines. */
static void
scan_skip(struct scan *s, const char *end)
{
	for (; s->at < end; s->at++)
		s->line += *s->at == '\n';
}

static void
scan_comment(struct scan *s)
{
	struct location where = scan_where(s);
	const char *end = strstr(s->at + 2, "*/");

	if (!end)
		load_error(s->l, where, "this comment is never closed; expected \"*/\"");
	scan_skip(s, end ? end + 2 : s->at + strlen(s->at));
}

/* Without its second quote a string takes all up to the next string's first, and that one is
 * blamed. */
static void
string_open(struct scan *s, struct location where)
{
	if (s->long_string)
		load_error(s->l, where,
		    "this string is never closed; perhaps the one of line %u lacks its second '\"'",
		    s->long_string);
	else
		load_error(s->l, where, "this string is never closed; expected a second '\"'");
}

static void
scan_string(struct scan *s)
{
	struct location where = scan_where(s);
	const char *p;

	for (p = s->at + 1; *p && *p != '"'; p++) {
		if (*p != '\\')
			continue;
		if (strncasecmp(p, "\\x00", 4) == 0)
			load_error(s->l, where, "a zero byte (\\x00) in a string");
		if (p[1] == '"' || p[1] == '\\')
			p++;
	}
	if (!*p)
		string_open(s, where);
	scan_skip(s, *p ? p + 1 : p);
	if (!s->long_string && s->line > where.line)
		s->long_string = where.line;
}

/* A word that begins with a digit: libconfig would take the lowest bits of one that is too large.
 */
static void
scan_number(struct scan *s)
{
	static const char letters[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";
	size_t length = strspn(s->at, letters), digits = strspn(s->at, "0123456789");
	bool hexadecimal = s->at[0] == '0' && (s->at[1] == 'x' || s->at[1] == 'X');
	/* Too large for this as well gives ULLONG_MAX. */
	bool large = strtoull(s->at, NULL, hexadecimal ? 16 : 10) > INT_MAX;

	if (large && (hexadecimal || digits == length))
		load_error(s->l, scan_where(s), "the number %.*s is too large; expected at most %d",
		    length > 40 ? 40 : (int)length, s->at, INT_MAX);
	else if (large && s->at[digits] == 'L' && digits > 18)
		load_error(s->l, scan_where(s), "the number %.*s is too large",
		    length > 40 ? 40 : (int)length, s->at);
	s->at += length;
}

static void
scan_open(struct scan *s, char close)
{
	struct brackets *brackets = s->brackets;

	s->at++;
	if (brackets->count == BRACKET_DEPTH_MAX)
		load_error(s->l, scan_where(s), "brackets within brackets, deeper than %d",
		    BRACKET_DEPTH_MAX);
	if (brackets->count < BRACKET_DEPTH_MAX)
		brackets->open[brackets->count] =
		    (struct bracket){.close = close, .where = scan_where(s)};
	brackets->count++;
}

/* "=" or ":" */
static void
scan_setting(struct scan *s)
{
	struct brackets *brackets = s->brackets;
	struct bracket *open = &brackets->outside;

	if (brackets->count > 0 && brackets->count <= BRACKET_DEPTH_MAX)
		open = &brackets->open[brackets->count - 1];
	if (++open->settings == GROUP_SETTINGS_MAX + 1)
		load_error(s->l, scan_where(s), "too many settings in a group; expected at most %d",
		    GROUP_SETTINGS_MAX);
	s->at++;
}

static void
scan_close(struct scan *s)
{
	struct brackets *brackets = s->brackets;
	const struct bracket *open;
	char close = *s->at++;

	if (brackets->count == 0) {
		load_error(s->l, scan_where(s),
		    "'%c' closes nothing; there is one too many, or an "
		    "opening bracket is missing before it",
		    close);
		return;
	}
	brackets->count--;
	if (brackets->count >= BRACKET_DEPTH_MAX)
		return;
	open = &brackets->open[brackets->count];
	if (open->close != close)
		load_error(s->l, scan_where(s),
		    "'%c' where '%c' was expected, to close the bracket of %s:%u", close,
		    open->close, open->where.file, open->where.line);
}

/* Read a whole file: 0 and memory of its own, ended by a line feed and a zero byte; or -errno. */
static int
read_file(struct loader *l, const char *file, char **ret_text, size_t *ret_length)
{
	size_t size = 65536, length = 0;
	struct stat status;
	char *text, *grown;
	ssize_t n = -1;
	int fd, r = 0;

	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = malloc(size);
	if (!text)
		r = -ENOMEM;
	else if (fstat(fd, &status) < 0)
		r = -errno;
	else if (S_ISDIR(status.st_mode))
		r = -EISDIR;
	while (r == 0 && n != 0) {
		n = read(fd, text + length, size - length - 2);
		if (n < 0 && errno != EINTR)
			r = -errno;
		length += n > 0 ? (size_t)n : 0;
		if (l->source.read + length > SOURCE_SIZE_MAX)
			r = -EFBIG;
		if (r < 0 || length + 2 < size)
			continue;
		size *= 2;
		grown = realloc(text, size);
		if (grown)
			text = grown;
		else
			r = -ENOMEM;
	}
	close(fd);
	if (r < 0) {
		free(text);
		return r;
	}
	l->source.read += length;
	text[length] = '\n';
	text[length + 1] = '\0';
	*ret_text = text;
	*ret_length = length;
	return 0;
}

/* Scan a file. Its text is moved to l->scratch first, because an error may jump. 0 or -errno. */
static int
scan_file(struct loader *l, const struct scan *parent, struct brackets *brackets, const char *file)
{
	struct scan s = {.l = l, .parent = parent, .brackets = brackets, .file = file, .line = 1};
	char *text = NULL, *copy;
	size_t length = 0;
	int r;

	r = read_file(l, file, &text, &length);
	if (r < 0)
		return r;
	copy = arena_copy(l->scratch, text, length + 1);
	free(text);
	if (!copy)
		longjmp(l->out_of_memory, 1);
	if (strlen(copy) != length + 1) {
		load_error(l, (struct location){.file = file},
		    "a zero byte in it; expected text in UTF-8 (not UTF-16)");
		return 0;
	}
	if (strncmp(copy, "\xef\xbb\xbf", 3) == 0) {
		load_error(l, (struct location){.file = file, .line = 1},
		    "a byte order mark at the beginning; expected UTF-8 without one");
		copy += 3;
	}
	s.text = s.at = s.flushed = copy;
	s.flushed_line = 1;
	s.offset = (unsigned)l->source.line_count;
	s.depth = parent ? parent->depth + 1 : 0;
	scan_text(&s);
	return 0;
}

static const char *
file_error(int error)
{
	return error == EFBIG ? "it is larger than 32 MiB" : strerror(error);
}

/* The path of an included file, which counts from the folder of the file that includes it. */
static const char *
include_path(struct scan *s, const char *text, size_t length)
{
	const char *path = load_format(s->l, "%.*s", (int)length, text);
	const char *slash = strrchr(s->file, '/');

	if (path[0] != '/' && slash)
		path = load_format(s->l, "%.*s/%s", (int)(slash - s->file), s->file, path);
	return load_copy(s->l, path);
}

static void
include(struct scan *s, struct location where, const char *path)
{
	const struct scan *outer;
	int r;

	for (outer = s; outer; outer = outer->parent) {
		if (strcmp(outer->file, path) != 0)
			continue;
		load_error(s->l, where, "\"%s\" includes itself", path);
		return;
	}
	if (s->depth == INCLUDE_DEPTH_MAX) {
		load_error(s->l, where, "files include files, deeper than %d", INCLUDE_DEPTH_MAX);
		return;
	}
	r = scan_file(s->l, s, s->brackets, path);
	if (r < 0)
		load_error(s->l, where, "can't read \"%s\": %s", path, file_error(-r));
}

/*
 * The quoted path behind an "@" that is an @include at the beginning of a line; false if it is
 * none. Nothing in a path is an escape.
 */
static bool
find_include(const struct scan *s, const char **ret_path, const char **ret_end)
{
	static const char word[] = "@include";
	const char *before = s->at, *path, *end;

	while (before > s->text && (before[-1] == ' ' || before[-1] == '\t'))
		before--;
	if ((before > s->text && before[-1] != '\n') || strncmp(s->at, word, strlen(word)) != 0)
		return false;
	path = s->at + strlen(word);
	path += strspn(path, " \t");
	if (*path++ != '"')
		return false;
	end = path + strcspn(path, "\"\n");
	*ret_path = path;
	*ret_end = end;
	return *end == '"';
}

static void
scan_include(struct scan *s)
{
	struct location where = scan_where(s);
	const char *path, *end;

	if (!find_include(s, &path, &end)) {
		load_error(s->l, where,
		    "\"@\" has no meaning here; expected @include \"file\" at the beginning of a "
		    "line");
		s->at++;
		return;
	}
	if (!s->l->files) {
		load_error(s->l, where, "@include is not permitted here");
		s->at = end + 1;
		return;
	}
	scan_flush(s, s->at);
	source_append(s->l, s->file, s->line, "\n", 1);
	s->at = end + 1;
	include(s, where, include_path(s, path, (size_t)(end - path)));
	s->flushed = s->at;
	s->flushed_line = s->line;
	s->offset = (unsigned)s->l->source.line_count + 1 - s->line;
}

/* Behind a name or a number: the whole word, so that digits within names are not taken for numbers.
 */
static void
scan_word(struct scan *s)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-*";

	s->at += strspn(s->at, letters);
}

/* Outside of strings and comments: what word processors make of quotes and blanks. */
static void
scan_foreign(struct scan *s)
{
	if (s->foreign_line != s->line)
		load_error(s->l, scan_where(s),
		    "a character that is not ASCII, outside of a string; expected plain quotes "
		    "(\") and plain blanks");
	s->foreign_line = s->line;
	s->at++;
}

static void
scan_text(struct scan *s)
{
	while (*s->at) {
		char c = *s->at;

		if (c == '"')
			scan_string(s);
		else if (c == '/' && s->at[1] == '*')
			scan_comment(s);
		else if (c == '#' || (c == '/' && s->at[1] == '/'))
			s->at += strcspn(s->at, "\n");
		else if (c == '@')
			scan_include(s);
		else if (c >= '0' && c <= '9')
			scan_number(s);
		else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*')
			scan_word(s);
		else if (c == '{' || c == '(' || c == '[')
			scan_open(s, c == '{' ? '}' : c == '(' ? ')' : ']');
		else if (c == '}' || c == ')' || c == ']')
			scan_close(s);
		else if (c == '=' || c == ':')
			scan_setting(s);
		else if (c & 0x80)
			scan_foreign(s);
		else
			scan_skip(s, s->at + 1);
	}
	scan_flush(s, s->at);
}

static int
finish(struct loader *l, const struct brackets *brackets)
{
	const struct bracket *open;

	if (brackets->count && brackets->count <= BRACKET_DEPTH_MAX &&
	    !l->diagnostics->error_count) {
		open = &brackets->open[brackets->count - 1];
		load_error(
		    l, open->where, "this bracket is never closed; expected '%c'", open->close);
	}
	return l->diagnostics->error_count ? -EINVAL : 0;
}

/* What was asked for beside the file is a line behind it, so that the text alone says it, too. */
static void
append_gateway(struct loader *l)
{
	const char *line = load_format(l, "gateway = \"%s\";\n", l->gateway_wanted);

	source_append(l, "--gateway", 1, line, strlen(line));
}

int
load_source_file(struct loader *l, const char *file)
{
	struct brackets brackets = {.count = 0};
	int r = scan_file(l, NULL, &brackets, l->policy->file);

	if (r < 0) {
		load_error(l, (struct location){.file = file}, "can't read it: %s", file_error(-r));
		return r;
	}
	if (l->gateway_wanted && !name_valid(l->gateway_wanted)) {
		load_error(l, (struct location){.file = file},
		    "--gateway \"%.80s\" is no name of a gateway", l->gateway_wanted);
		return -EINVAL;
	}
	if (l->gateway_wanted)
		append_gateway(l);
	return finish(l, &brackets);
}

int
load_source_text(struct loader *l, const char *name, const char *text)
{
	struct brackets brackets = {.count = 0};
	struct scan s = {.l = l, .brackets = &brackets, .file = l->policy->file, .line = 1};
	char *copy;

	if (strlen(text) > SOURCE_SIZE_MAX) {
		load_error(l, (struct location){.file = name}, "it is larger than 32 MiB");
		return -EFBIG;
	}
	copy = load_format(l, "%s\n", text);
	s.text = s.at = s.flushed = copy;
	s.flushed_line = 1;
	scan_text(&s);
	return finish(l, &brackets);
}
