/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lesson: see lesson.h. */
#include "lesson.h"

#include <string.h>

/* The name of a file without its folders; what stands behind a line feed would be policy. */
static const char *
base_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash && slash[1] ? slash + 1 : file;
}

const char *
lesson_file(const struct lesson *lesson, uint32_t file)
{
	const char *name = base_of(lesson->files[file]);

	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return "a capture";
	return name;
}

bool
lesson_doubts(const struct lesson *lesson, const struct seen_use *use)
{
	static const uint32_t plain =
	    1u << ACCESS_READ | 1u << ACCESS_WRITE | 1u << ACCESS_DIAGNOSE | 1u << ACCESS_SESSION;

	return !((plain | lesson->settings.include) >> use->function->access & 1);
}
