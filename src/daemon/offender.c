/*
 * What a supervisor's report says of the child that it is about (S126): OTP's
 * offender, {id, pid, argv, restart, shutdown, type, significant}. Each restart
 * writes one, so an argv is cut to what tells people which program that was.
 */
#include "config.h"

#include <string.h>

#include "base/json.h"
#include "daemon/daemon.h"

/* Bytes of all arguments together. */
#define ARGV_BYTES_MAX 200

static const char *const restart_names[] = {
	[RESTART_PERMANENT] = "permanent",
	[RESTART_TRANSIENT] = "transient",
	[RESTART_TEMPORARY] = "temporary",
};

/* So many bytes of a text, but no half of a character. */
static size_t
cut(const char *text, size_t n)
{
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
put_argv(struct buf *b, const struct strvec *argv)
{
	size_t left = ARGV_BYTES_MAX, len;

	json_put_name(b, "argv");
	for (size_t i = 0; i < argv->n; i++) {
		buf_xaddc(b, i == 0 ? '[' : ',');
		len = strlen(argv->v[i]);
		if (len > left) {
			json_put_stringn(b, argv->v[i], cut(argv->v[i], left));
			buf_xaddstr(b, ",\"...\"");
			break;
		}
		json_put_stringn(b, argv->v[i], len);
		left -= len;
	}
	buf_xaddstr(b, argv->n == 0 ? "[]" : "]");
}

static void
put_shutdown(struct buf *b, int64_t ms)
{
	if (ms == SHUTDOWN_BRUTAL_KILL)
		json_put_str(b, "shutdown", "brutal_kill");
	else if (ms == SHUTDOWN_INFINITY)
		json_put_str(b, "shutdown", "infinity");
	else
		json_put_int(b, "shutdown", ms);
}

void
offender_encode(struct daemon *d, child_handle child, uint64_t token, struct buf *b)
{
	const struct incarnation *inc = token != 0 ? inc_find(d, token) : NULL;
	struct child_view view;

	if (!tree_view(d->tree, child, &view))
		return;
	json_put_name(b, "offender");
	buf_xaddc(b, '{');
	json_put_str(b, "id", view.spec->id);
	if (inc != NULL && inc->pid != 0)
		json_put_uint(b, "pid", inc->pid);
	if (view.spec->type == CHILD_WORKER)
		put_argv(b, &config_launch(view.spec)->argv);
	json_put_str(b, "restart", restart_names[view.spec->restart]);
	put_shutdown(b, view.spec->shutdown_ms);
	json_put_str(b, "type", view.spec->type == CHILD_WORKER ? "worker" : "supervisor");
	json_put_bool(b, "significant", view.spec->significant);
	buf_xaddc(b, '}');
}
