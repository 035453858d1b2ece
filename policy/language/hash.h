/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hash: SHA-256 (FIPS 180-4) of a text, as 64 hexadecimal digits. */
#ifndef SLUICE_HASH_H
#define SLUICE_HASH_H

void hash_text(const char *text, char ret_hex[65]);

#endif
