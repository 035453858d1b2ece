/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who: see who.h.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdint.h>

#include "who.h"

enum { NAME_MAX_SHOWN = 40 };

#define LOGIN_NONE UINT32_MAX

/* The name of a user, or its number. */
static void
user_name(uid_t user, char *ret_name, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *row = NULL;

	while (file && (row = fgetpwent(file)) && row->pw_uid != user)
		continue;
	if (row)
		snprintf(ret_name, size, "%.*s", NAME_MAX_SHOWN, row->pw_name);
	else
		snprintf(ret_name, size, "user %u", (unsigned)user);
	if (file)
		fclose(file);
}

/* Who has logged in; LOGIN_NONE: nobody, or the kernel does not know. */
static unsigned
login_of(pid_t pid)
{
	unsigned login = LOGIN_NONE;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/loginuid", (int)pid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%u", &login) != 1)
		login = LOGIN_NONE;
	if (file)
		fclose(file);
	return login;
}

void
who_init(struct who *ret_who, const struct ucred *peer, const char *otherwise)
{
	char name[64], login_name[64];
	unsigned login;

	if (!peer) {
		snprintf(ret_who->text, sizeof(ret_who->text), "%s", otherwise);
		return;
	}
	user_name(peer->uid, name, sizeof(name));
	login = login_of(peer->pid);
	if (login == LOGIN_NONE) {
		snprintf(ret_who->text, sizeof(ret_who->text), "%s, uid %u, pid %d", name,
		    (unsigned)peer->uid, (int)peer->pid);
		return;
	}
	user_name(login, login_name, sizeof(login_name));
	snprintf(ret_who->text, sizeof(ret_who->text), "%s, uid %u, pid %d, login %s", name,
	    (unsigned)peer->uid, (int)peer->pid, login_name);
}
