/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hex, dumps: bytes in lines that begin with an offset.  For hex.c alone. */
#ifndef SLUICE_HEX_DUMP_H
#define SLUICE_HEX_DUMP_H

#include <stdbool.h>

#include "hex_reader.h"

/* Does the text begin as a dump does, so that it can be nothing else?  -EINVAL: it may be either,
 * which was told. */
int hex_is_dump(struct hex_reader *r, bool *ret_dump);

/* Does a line begin here as those of dumps do? */
bool hex_is_offset(const char *at);

/* Read all of it; 0, or -EINVAL after it was told. */
int hex_read_dump(struct hex_reader *r);

#endif
