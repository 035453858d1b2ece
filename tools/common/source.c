/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: see source.h.
 *
 * One byte tells a packed file from a capture: no capture begins with the first byte of either
 * packing.  So nothing has to be given back to a pipe but that byte.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "source.h"

enum { BUFFER_SIZE = 1 << 20, PACKED_SIZE = 1 << 17 };

enum step {
	STEP_BROKEN = 0,
	STEP_MORE, /* more bytes may come */
	STEP_END,  /* a packed piece ended here */
};

struct source {
	FILE *stream; /* unpacked; the file itself if it is not packed */
	FILE *file;
	char *buffer; /* of the file */
	uint64_t size;
	const struct packing *packing; /* NULL: none */
	const char *fault;
	enum step last;
	uint8_t *packed; /* read and not unpacked yet: from `at` to `filled` */
	size_t at;
	size_t filled;
	z_stream inflate;
	ZSTD_DStream *zstd;
};

struct packing {
	int first; /* byte of a file */
	bool (*begin)(struct source *source);
	enum step (*step)(struct source *source, char *bytes, size_t size, size_t *ret_made);
	void (*end)(struct source *source);
};

static bool
gzip_begin(struct source *source)
{
	enum { WINDOW_AND_GZIP = 15 + 16 };

	return inflateInit2(&source->inflate, WINDOW_AND_GZIP) == Z_OK;
}

static enum step
gzip_step(struct source *source, char *bytes, size_t size, size_t *ret_made)
{
	z_stream *z = &source->inflate;
	int r;

	if (source->last == STEP_END && inflateReset(z) != Z_OK)
		return STEP_BROKEN;
	z->next_in = source->packed + source->at;
	z->avail_in = (uInt)(source->filled - source->at);
	z->next_out = (Bytef *)bytes;
	z->avail_out = (uInt)size;
	r = inflate(z, Z_NO_FLUSH);
	source->at = source->filled - z->avail_in;
	*ret_made = size - z->avail_out;
	if (r == Z_STREAM_END)
		return STEP_END;
	return r == Z_OK || r == Z_BUF_ERROR ? STEP_MORE : STEP_BROKEN;
}

static void
gzip_end(struct source *source)
{
	inflateEnd(&source->inflate);
}

static bool
zstd_begin(struct source *source)
{
	source->zstd = ZSTD_createDStream();
	return source->zstd != NULL;
}

static enum step
zstd_step(struct source *source, char *bytes, size_t size, size_t *ret_made)
{
	ZSTD_inBuffer in = {source->packed, source->filled, source->at};
	ZSTD_outBuffer out = {bytes, size, 0};
	size_t r = ZSTD_decompressStream(source->zstd, &out, &in);

	source->at = in.pos;
	*ret_made = out.pos;
	if (ZSTD_isError(r))
		return STEP_BROKEN;
	return r == 0 ? STEP_END : STEP_MORE;
}

static void
zstd_end(struct source *source)
{
	ZSTD_freeDStream(source->zstd);
}

static const struct packing packings[] = {
    {0x1f, gzip_begin, gzip_step, gzip_end},
    {0x28, zstd_begin, zstd_step, zstd_end},
};

/* What a stream asks for: some unpacked bytes, 0 at the end, -1 where the file contradicts itself.
 */
static ssize_t
unpack(void *cookie, char *bytes, size_t size)
{
	struct source *source = cookie;
	size_t made = 0;

	while (made == 0 && !source->fault) {
		if (source->at == source->filled) {
			source->at = 0;
			source->filled =
			    fread_unlocked(source->packed, 1, PACKED_SIZE, source->file);
			if (source->filled == 0 && ferror_unlocked(source->file))
				source->fault = "the file cannot be read on";
			else if (source->filled == 0 && source->last != STEP_END)
				source->fault = "the packed file ends in the middle";
			if (source->filled == 0)
				break;
		}
		source->last = source->packing->step(source, bytes, size, &made);
		if (source->last == STEP_BROKEN)
			source->fault = "the packed file is damaged";
	}
	if (made > 0)
		return (ssize_t)made;
	errno = EBADMSG;
	return source->fault ? -1 : 0;
}

static int
refuse(char *error, size_t size, int number, const char *text)
{
	snprintf(error, size, "%s", text);
	return number;
}

static int
open_packed(struct source *source)
{
	static const cookie_io_functions_t functions = {.read = unpack};

	source->last = STEP_MORE;
	source->packed = malloc(PACKED_SIZE);
	if (!source->packed || !source->packing->begin(source)) {
		source->packing = NULL; /* which has nothing to end */
		return -ENOMEM;
	}
	source->stream = fopencookie(source, "r", functions);
	if (!source->stream)
		return -ENOMEM;
	__fsetlocking(source->stream, FSETLOCKING_BYCALLER);
	return 0;
}

static int
open_file(struct source *source, const char *name, char *error, size_t size)
{
	struct stat status;

	/* A copy of standard input is ours to close, like any other file. */
	source->file = strcmp(name, "-") == 0 ? fdopen(dup(STDIN_FILENO), "r") : fopen(name, "re");
	if (!source->file)
		return refuse(error, size, -errno, strerror(errno));
	if (fstat(fileno(source->file), &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return refuse(error, size, -EISDIR, strerror(EISDIR));
		if (S_ISREG(status.st_mode))
			source->size = (uint64_t)status.st_size;
	}
	__fsetlocking(source->file, FSETLOCKING_BYCALLER);
	if (setvbuf(source->file, source->buffer, _IOFBF, BUFFER_SIZE) != 0)
		return refuse(error, size, -ENOMEM, strerror(ENOMEM));
	return 0;
}

/* Look at the first byte. */
static int
choose_packing(struct source *source, char *error, size_t size)
{
	int first = getc(source->file);

	if (first == EOF && ferror(source->file))
		return refuse(error, size, -errno, strerror(errno));
	if (first == EOF)
		return refuse(error, size, -ENODATA, "the file is empty");
	ungetc(first, source->file);
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (packings[i].first == first)
			source->packing = &packings[i];
	if (!source->packing) {
		source->stream = source->file;
		return 0;
	}
	if (open_packed(source) < 0)
		return refuse(error, size, -ENOMEM, strerror(ENOMEM));
	return 0;
}

int
source_open(const char *file, struct source **ret_source, char *error, size_t size)
{
	struct source *source = calloc(1, sizeof(*source));
	int r = -ENOMEM;

	if (source)
		source->buffer = malloc(BUFFER_SIZE);
	if (source && source->buffer)
		r = open_file(source, file, error, size);
	else
		refuse(error, size, r, strerror(ENOMEM));
	if (r == 0)
		r = choose_packing(source, error, size);
	if (r < 0) {
		source_free(source);
		return r;
	}
	*ret_source = source;
	return 0;
}

FILE *
source_stream(const struct source *source)
{
	return source->stream;
}

const char *
source_fault(const struct source *source)
{
	return source->fault;
}

void
source_position(const struct source *source, uint64_t *ret_done, uint64_t *ret_total)
{
	off_t position = ftello(source->file);

	*ret_done = position < 0 ? 0 : (uint64_t)position;
	*ret_total = source->size;
}

void
source_free(struct source *source)
{
	if (!source)
		return;
	if (source->packing)
		source->packing->end(source);
	if (source->file && source->file != source->stream)
		fclose(source->file);
	free(source->packed);
	free(source->buffer);
	free(source);
}
