/*
 * Every message is described once, by a table of its fields; encoding, checking
 * and decoding walk the same table, so that they cannot disagree. Encoding uses
 * msgpack-c. Decoding is a cursor of our own over the bytes: msgpack-c's unpacker
 * allocates by the declared count before it has seen the elements, and copies.
 */
#include "config.h"

#include "wire/agent_msg.h"

#include <errno.h>
#include <inttypes.h>
#include <msgpack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "core/reason.h"

enum field_kind { F_U32, F_U64, F_I32, F_I64, F_BOOL, F_ENUM, F_STR, F_BYTES, F_STRV, F_RLIMITS };

struct field {
	enum field_kind kind;
	size_t at;	 /* offset in struct agent_msg */
	size_t count_at; /* F_STRV, F_RLIMITS: where the count is */
	uint64_t max;	 /* F_ENUM: the largest value; F_U32: a bound, 0 for none */
};

#define AT(m) offsetof(struct agent_msg, u.m)
#define U32(m) { F_U32, AT(m), 0, 0 }
#define U64(m) { F_U64, AT(m), 0, 0 }
#define I32(m) { F_I32, AT(m), 0, 0 }
#define I64(m) { F_I64, AT(m), 0, 0 }
#define BOOLEAN(m) { F_BOOL, AT(m), 0, 0 }
#define ENUM(m, last) { F_ENUM, AT(m), 0, (last) }
#define STR(m) { F_STR, AT(m), 0, 0 }
#define BYTES(m) { F_BYTES, AT(m), 0, 0 }
#define STRV(m, n) { F_STRV, AT(m), AT(n), 0 }
#define RLIMITS(m, n) { F_RLIMITS, AT(m), AT(n), 0 }

static const struct field hello_fields[] = {
	U32(hello.version_min), U32(hello.version_max), STR(hello.build), STR(hello.installation), STR(hello.node),
	U32(hello.epoch), U32(hello.attach), I64(hello.lease_ms), STRV(hello.heart, hello.n_heart),
};
static const struct field pong_fields[] = { U64(pong.k), I64(pong.lease_ms) };
static const struct field start_fields[] = {
	U64(start.token), STR(start.child), STRV(start.argv, start.n_argv), STRV(start.env, start.n_env),
	STR(start.cwd), STR(start.user), STR(start.group), I32(start.umask), I32(start.nice),
	RLIMITS(start.rlimits, start.n_rlimits), ENUM(start.in, STDIN_PIPE), ENUM(start.out, STDOUT_NULL),
	ENUM(start.err, STDERR_NULL), { F_U32, AT(start.ready), 0, READY_NEWLINE }, I64(start.ready_timeout_ms),
	BOOLEAN(start.control), BOOLEAN(start.own_env),
};
static const struct field signal_fields[] = { U64(signal.token), I32(signal.signal), BOOLEAN(signal.group) };
static const struct field in_fields[] = { U64(in.token), U64(in.offset), BYTES(in.bytes), BOOLEAN(in.eof) };
static const struct field ack_fields[] = {
	U64(ack.token), { F_U32, AT(ack.stream), 0, STREAM_ERR }, U64(ack.acked), U64(ack.limit),
};
static const struct field exit_ack_fields[] = { U64(exit_ack.token) };
static const struct field control_fields[] = { U64(control.token), U64(control.n), STR(control.line) };
static const struct field goodbye_fields[] = { BOOLEAN(goodbye.leave) };
static const struct field welcome_fields[] = {
	U32(welcome.version), STR(welcome.build), STR(welcome.boot_id), STR(welcome.machine_id), U32(welcome.pid),
	U32(welcome.guard_pid), U32(welcome.epoch), U32(welcome.attach), U32(welcome.n_children),
	U32(welcome.version_min), U32(welcome.version_max),
};
static const struct field refuse_fields[] = {
	STR(refuse.reason), U32(refuse.epoch), U32(refuse.attach), U32(refuse.version_min), U32(refuse.version_max),
};
static const struct field child_fields[] = {
	U64(child.token), STR(child.child), U32(child.pid), I64(child.age_ms), BOOLEAN(child.ready),
	U64(child.out_acked), U64(child.out_end), U64(child.err_acked), U64(child.err_end), U64(child.in_offset),
	U64(child.control_n),
};
static const struct field ping_fields[] = {
	U64(ping.k), I64(ping.round_trip_us), U32(ping.load1), U64(ping.received),
};
static const struct field started_fields[] = { U64(started.token), U32(started.pid) };
static const struct field start_failed_fields[] = {
	U64(start_failed.token), { F_U32, AT(start_failed.step), 0, STEP_EXITED }, I32(start_failed.error),
};
static const struct field ready_fields[] = { U64(ready.token), BOOLEAN(ready.ignore), STR(ready.info) };
static const struct field output_fields[] = {
	U64(output.token), { F_U32, AT(output.stream), 0, STREAM_ERR }, U64(output.offset), BYTES(output.bytes),
};
static const struct field exited_fields[] = {
	U64(exited.token), I32(exited.status), U64(exited.out_end), U64(exited.err_end), I64(exited.user_us),
	I64(exited.system_us), U64(exited.maxrss_kb),
};
static const struct field control_ack_fields[] = { U64(control_ack.token), U64(control_ack.n) };
static const struct field note_fields[] = { U32(note.level), STR(note.text) };

struct message {
	enum agent_msg_type type;
	const char *name;
	const struct field *fields;
	size_t n_fields;
	size_t n_late; /* so many of them, the last, came after version 1: numbers, and 0 if they are missing */
};

#define MESSAGE(type, name, fields) { type, name, fields, ARRAY_LEN(fields), 0 }
#define GROWN(type, name, fields, late) { type, name, fields, ARRAY_LEN(fields), late }

static const struct message messages[] = {
	MESSAGE(AGENT_HELLO, "HELLO", hello_fields),
	MESSAGE(AGENT_PONG, "PONG", pong_fields),
	GROWN(AGENT_START, "START", start_fields, 2),
	MESSAGE(AGENT_SIGNAL, "SIGNAL", signal_fields),
	MESSAGE(AGENT_STDIN, "STDIN", in_fields),
	MESSAGE(AGENT_ACK, "ACK", ack_fields),
	MESSAGE(AGENT_EXIT_ACK, "EXIT_ACK", exit_ack_fields),
	MESSAGE(AGENT_GOODBYE, "GOODBYE", goodbye_fields),
	MESSAGE(AGENT_CONTROL, "CONTROL", control_fields),
	GROWN(AGENT_WELCOME, "WELCOME", welcome_fields, 2),
	GROWN(AGENT_REFUSE, "REFUSE", refuse_fields, 2),
	GROWN(AGENT_CHILD, "CHILD", child_fields, 1),
	{ AGENT_READY_FOR_ORDERS, "READY_FOR_ORDERS", NULL, 0, 0 },
	GROWN(AGENT_PING, "PING", ping_fields, 3),
	{ AGENT_CLEAN, "CLEAN", NULL, 0, 0 },
	MESSAGE(AGENT_STARTED, "STARTED", started_fields),
	MESSAGE(AGENT_START_FAILED, "START_FAILED", start_failed_fields),
	MESSAGE(AGENT_READY, "READY", ready_fields),
	MESSAGE(AGENT_OUTPUT, "OUTPUT", output_fields),
	MESSAGE(AGENT_EXITED, "EXITED", exited_fields),
	MESSAGE(AGENT_NOTE, "NOTE", note_fields),
	MESSAGE(AGENT_CONTROL_ACK, "CONTROL_ACK", control_ack_fields),
};

#define FRAME_HEAD 4

static const struct message *
message_find(uint64_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		if ((uint64_t)messages[i].type == type)
			return &messages[i];
	return NULL;
}

const char *
agent_msg_name(enum agent_msg_type t)
{
	const struct message *m = message_find((uint64_t)t);

	return m != NULL ? m->name : "unknown";
}

/* Encoding. */

static int
sink_write(void *data, const char *p, size_t n)
{
	return buf_add(data, p, n);
}

static int
pack_str(msgpack_packer *pk, const char *s)
{
	size_t n = s != NULL ? strlen(s) : 0;

	return msgpack_pack_str(pk, n) | (n > 0 ? msgpack_pack_str_body(pk, s, n) : 0);
}

static int
pack_bytes(msgpack_packer *pk, const struct agent_bytes *b)
{
	return msgpack_pack_bin(pk, b->n) | (b->n > 0 ? msgpack_pack_bin_body(pk, b->p, b->n) : 0);
}

static int
pack_strv(msgpack_packer *pk, const char *const *v, uint32_t n)
{
	int failed = msgpack_pack_array(pk, n);

	for (uint32_t i = 0; i < n; i++)
		failed |= pack_str(pk, v[i]);
	return failed;
}

static int
pack_rlimits(msgpack_packer *pk, const struct agent_rlimit *r, uint32_t n)
{
	int failed = msgpack_pack_array(pk, n);

	for (uint32_t i = 0; i < n; i++)
		failed |= msgpack_pack_array(pk, 3) | msgpack_pack_int(pk, r[i].resource) |
		    msgpack_pack_uint64(pk, r[i].soft) | msgpack_pack_uint64(pk, r[i].hard);
	return failed;
}

static int
pack_field(msgpack_packer *pk, const struct agent_msg *m, const struct field *f)
{
	const char *base = (const char *)m;
	const void *p = base + f->at;
	uint32_t n = 0;

	if (f->kind == F_STRV || f->kind == F_RLIMITS)
		memcpy(&n, base + f->count_at, sizeof(n));
	switch (f->kind) {
	case F_U32:
	case F_ENUM:
		return msgpack_pack_uint32(pk, *(const uint32_t *)p);
	case F_U64:
		return msgpack_pack_uint64(pk, *(const uint64_t *)p);
	case F_I32:
		return msgpack_pack_int32(pk, *(const int32_t *)p);
	case F_I64:
		return msgpack_pack_int64(pk, *(const int64_t *)p);
	case F_BOOL:
		return *(const bool *)p ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
	case F_STR:
		return pack_str(pk, *(const char *const *)p);
	case F_BYTES:
		return pack_bytes(pk, p);
	case F_STRV:
		return pack_strv(pk, *(const char *const *const *)p, n);
	case F_RLIMITS:
		return pack_rlimits(pk, p, n);
	}
	return -1;
}

static void
put_be32(char *p, uint32_t v)
{
	p[0] = (char)(v >> 24);
	p[1] = (char)(v >> 16);
	p[2] = (char)(v >> 8);
	p[3] = (char)v;
}

int
agent_msg_encode(struct buf *out, const struct agent_msg *m, struct err *err)
{
	const struct message *message = message_find((uint64_t)m->type);
	static const char room[FRAME_HEAD] = { 0 };
	size_t begin = out->len;
	msgpack_packer pk;
	int failed;

	if (message == NULL)
		return err_set(err, EINVAL, "message of unknown type %d", (int)m->type);
	if (m->type == AGENT_START && m->u.start.n_rlimits > AGENT_RLIMITS_MAX)
		return err_set(err, E2BIG, "more than %d limits", AGENT_RLIMITS_MAX);
	msgpack_packer_init(&pk, out, sink_write);
	failed = buf_add(out, room, FRAME_HEAD);
	failed |= msgpack_pack_array(&pk, message->n_fields + 1);
	failed |= msgpack_pack_uint32(&pk, (uint32_t)m->type);
	for (size_t i = 0; i < message->n_fields; i++)
		failed |= pack_field(&pk, m, &message->fields[i]);
	if (failed != 0 || out->len - begin - FRAME_HEAD > AGENT_FRAME_MAX) {
		out->len = begin;
		if (out->data != NULL)
			out->data[begin] = '\0';
		if (failed != 0)
			return err_set(err, ENOBUFS, "no room for a %s message", message->name);
		return err_set(err, EMSGSIZE, "a %s message longer than %u bytes", message->name, AGENT_FRAME_MAX);
	}
	put_be32(out->data + begin, (uint32_t)(out->len - begin - FRAME_HEAD));
	return 0;
}

size_t
agent_output_head(char head[AGENT_OUTPUT_HEAD_MAX], uint64_t token, uint32_t stream, uint64_t offset, size_t n)
{
	/* At most 1 + 1 + 9 + 1 + 9 + 5 bytes, so buf_add never moves the data. */
	struct buf b = { head + FRAME_HEAD, 0, AGENT_OUTPUT_HEAD_MAX - FRAME_HEAD, 0 };
	msgpack_packer pk;

	msgpack_packer_init(&pk, &b, sink_write);
	msgpack_pack_array(&pk, ARRAY_LEN(output_fields) + 1);
	msgpack_pack_uint32(&pk, AGENT_OUTPUT);
	msgpack_pack_uint64(&pk, token);
	msgpack_pack_uint32(&pk, stream);
	msgpack_pack_uint64(&pk, offset);
	msgpack_pack_bin(&pk, n);
	put_be32(head, (uint32_t)(b.len + n));
	return FRAME_HEAD + b.len;
}

/* Decoding. */

struct cursor {
	const unsigned char *p;
	const unsigned char *end;
};

/* What one msgpack value is, as its first bytes tell. */
struct value {
	enum { V_NIL, V_BOOL, V_UINT, V_NEGATIVE, V_STR, V_BIN, V_ARRAY, V_MAP, V_OTHER } kind;
	uint64_t n;	     /* number, or count of bytes or elements; V_NEGATIVE: two's complement */
	const char *bytes; /* V_STR, V_BIN */
};

static int
take_be(struct cursor *c, unsigned size, uint64_t *n)
{
	if ((size_t)(c->end - c->p) < size)
		return -1;
	for (*n = 0; size > 0; size--)
		*n = *n << 8 | *c->p++;
	return 0;
}

/* Behind a header that tells n bytes. */
static int
take_bytes(struct cursor *c, struct value *v)
{
	if ((uint64_t)(c->end - c->p) < v->n)
		return -1;
	v->bytes = (const char *)c->p;
	c->p += v->n;
	return 0;
}

/* Every element takes a byte at least, so a larger count is a lie. */
static int
check_count(const struct cursor *c, const struct value *v)
{
	uint64_t left = (uint64_t)(c->end - c->p);

	return v->n <= (v->kind == V_MAP ? left / 2 : left) ? 0 : -1;
}

static int
take_sized(struct cursor *c, struct value *v, int kind, unsigned size)
{
	v->kind = kind;
	if (take_be(c, size, &v->n) == -1)
		return -1;
	return kind == V_ARRAY || kind == V_MAP ? check_count(c, v) : take_bytes(c, v);
}

static int
take_signed(struct cursor *c, struct value *v, unsigned size)
{
	uint64_t n;

	if (take_be(c, size, &n) == -1)
		return -1;
	if (size < 8 && (n >> (size * 8 - 1)) != 0)
		n |= UINT64_MAX << (size * 8);
	v->n = n;
	v->kind = n >> 63 ? V_NEGATIVE : V_UINT;
	return 0;
}

static int
take_extension(struct cursor *c, struct value *v, unsigned size, uint64_t fixed)
{
	v->kind = V_OTHER;
	v->n = fixed;
	if (size > 0 && take_be(c, size, &v->n) == -1)
		return -1;
	v->n++; /* the type byte */
	return take_bytes(c, v);
}

static int
take_marked(struct cursor *c, struct value *v, unsigned char b)
{
	switch (b) {
	case 0xc0:
		v->kind = V_NIL;
		return 0;
	case 0xc2:
	case 0xc3:
		v->kind = V_BOOL;
		v->n = b & 1;
		return 0;
	case 0xc4:
	case 0xc5:
	case 0xc6:
		return take_sized(c, v, V_BIN, 1u << (b - 0xc4));
	case 0xc7:
	case 0xc8:
	case 0xc9:
		return take_extension(c, v, 1u << (b - 0xc7), 0);
	case 0xca:
	case 0xcb:
		v->kind = V_OTHER;
		v->n = b == 0xca ? 4 : 8;
		return take_bytes(c, v);
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf:
		v->kind = V_UINT;
		return take_be(c, 1u << (b - 0xcc), &v->n);
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return take_signed(c, v, 1u << (b - 0xd0));
	case 0xd4:
	case 0xd5:
	case 0xd6:
	case 0xd7:
	case 0xd8:
		return take_extension(c, v, 0, UINT64_C(1) << (b - 0xd4));
	case 0xd9:
	case 0xda:
	case 0xdb:
		return take_sized(c, v, V_STR, 1u << (b - 0xd9));
	case 0xdc:
	case 0xdd:
		return take_sized(c, v, V_ARRAY, 2u << (b - 0xdc));
	case 0xde:
	case 0xdf:
		return take_sized(c, v, V_MAP, 2u << (b - 0xde));
	default: /* 0xc1, which msgpack never uses */
		return -1;
	}
}

static int
take_value(struct cursor *c, struct value *v)
{
	unsigned char b;

	*v = (struct value){ .kind = V_NIL };
	if (c->p == c->end)
		return -1;
	b = *c->p++;
	if (b >= 0xc0 && b < 0xe0)
		return take_marked(c, v, b);
	if (b < 0x80) {
		v->kind = V_UINT;
		v->n = b;
	} else if (b >= 0xe0) {
		v->kind = V_NEGATIVE;
		v->n = UINT64_MAX - 0xff + b;
	} else if (b >= 0xa0) {
		v->kind = V_STR;
		v->n = b & 0x1f;
		return take_bytes(c, v);
	} else {
		v->kind = b < 0x90 ? V_MAP : V_ARRAY;
		v->n = b & 0x0f;
		return check_count(c, v);
	}
	return 0;
}

/* Pass over n values and all that is in them, without recursion. */
static int
skip_values(struct cursor *c, uint64_t n)
{
	struct value v;

	for (; n > 0; n--) {
		if (take_value(c, &v) == -1)
			return -1;
		if (v.kind == V_ARRAY)
			n += v.n;
		else if (v.kind == V_MAP)
			n += 2 * v.n;
		if (n - 1 > (uint64_t)(c->end - c->p))
			return -1;
	}
	return 0;
}

/*
 * Where strings go. The first pass has `pointers` NULL: it only checks and
 * counts; the second one fills what was then allocated in one piece.
 */
struct strings {
	const char **pointers;
	char *chars;
	size_t n_pointers;
	size_t n_chars;
};

static int
take_string(struct cursor *c, struct strings *st, const char **s)
{
	struct value v;

	if (take_value(c, &v) == -1 || (v.kind != V_STR && v.kind != V_BIN) || memchr(v.bytes, '\0', v.n) != NULL)
		return -1;
	if (st->pointers != NULL) {
		*s = st->chars + st->n_chars;
		memcpy(st->chars + st->n_chars, v.bytes, v.n);
		st->chars[st->n_chars + v.n] = '\0';
	}
	st->n_chars += v.n + 1;
	return 0;
}

/* The vector gets a NULL behind its last string, as execve() wants it. */
static int
take_strv(struct cursor *c, struct strings *st, const char *const **vec, uint32_t *n)
{
	const char **slot = st->pointers != NULL ? st->pointers + st->n_pointers : NULL;
	const char *ignored;
	struct value v;

	if (take_value(c, &v) == -1 || v.kind != V_ARRAY)
		return -1;
	for (uint64_t i = 0; i < v.n; i++)
		if (take_string(c, st, slot != NULL ? &slot[i] : &ignored) == -1)
			return -1;
	if (slot != NULL)
		slot[v.n] = NULL;
	*vec = slot;
	*n = (uint32_t)v.n;
	st->n_pointers += v.n + 1;
	return 0;
}

static int
take_number(struct cursor *c, struct value *v, uint64_t max)
{
	return take_value(c, v) == 0 && v->kind == V_UINT && v->n <= max ? 0 : -1;
}

static int
take_rlimits(struct cursor *c, struct agent_rlimit *r, uint32_t *n)
{
	struct value v;

	if (take_value(c, &v) == -1 || v.kind != V_ARRAY || v.n > AGENT_RLIMITS_MAX)
		return -1;
	*n = (uint32_t)v.n;
	for (uint32_t i = 0; i < *n; i++) {
		if (take_value(c, &v) == -1 || v.kind != V_ARRAY || v.n != 3 || take_number(c, &v, INT32_MAX) == -1)
			return -1;
		r[i].resource = (int)v.n;
		if (take_number(c, &v, UINT64_MAX) == -1)
			return -1;
		r[i].soft = v.n;
		if (take_number(c, &v, UINT64_MAX) == -1)
			return -1;
		r[i].hard = v.n;
	}
	return 0;
}

static int
take_integer(struct cursor *c, const struct field *f, void *to)
{
	struct value v;

	if (take_value(c, &v) == -1 || (v.kind != V_UINT && v.kind != V_NEGATIVE))
		return -1;
	if (f->kind == F_I32 || f->kind == F_I64) {
		int64_t n = (int64_t)v.n;

		if ((v.kind == V_UINT && v.n > INT64_MAX) || (f->kind == F_I32 && (n < INT32_MIN || n > INT32_MAX)))
			return -1;
		if (f->kind == F_I32)
			*(int32_t *)to = (int32_t)n;
		else
			*(int64_t *)to = n;
		return 0;
	}
	if (v.kind == V_NEGATIVE || (f->kind != F_U64 && v.n > UINT32_MAX))
		return -1;
	if (f->kind == F_U64)
		*(uint64_t *)to = v.n;
	else if ((f->kind == F_ENUM || f->max > 0) && v.n > f->max)
		return -1;
	else
		*(uint32_t *)to = (uint32_t)v.n;
	return 0;
}

static int
take_field(struct cursor *c, struct agent_msg *m, const struct field *f, struct strings *st)
{
	char *base = (char *)m;
	void *to = base + f->at;
	void *count = base + f->count_at;
	struct agent_bytes *bytes = to;
	struct value v;

	switch (f->kind) {
	case F_U32:
	case F_U64:
	case F_I32:
	case F_I64:
	case F_ENUM:
		return take_integer(c, f, to);
	case F_BOOL:
		if (take_value(c, &v) == -1 || v.kind != V_BOOL)
			return -1;
		*(bool *)to = v.n != 0;
		return 0;
	case F_STR:
		return take_string(c, st, to);
	case F_BYTES:
		if (take_value(c, &v) == -1 || (v.kind != V_BIN && v.kind != V_STR))
			return -1;
		bytes->p = v.bytes;
		bytes->n = v.n;
		return 0;
	case F_STRV:
		return take_strv(c, st, to, count);
	case F_RLIMITS:
		return take_rlimits(c, to, count);
	}
	return -1;
}

static int
take_fields(struct cursor c, struct agent_msg *m, const struct message *message, uint64_t n, struct strings *st)
{
	size_t known = n < message->n_fields ? (size_t)n : message->n_fields;

	for (size_t i = 0; i < known; i++)
		if (take_field(&c, m, &message->fields[i], st) == -1)
			return -1;
	if (skip_values(&c, n - known) == -1 || c.p != c.end)
		return -1;
	return 0;
}

/* The body of one frame. */
static int
decode_body(struct cursor c, struct agent_msg *m, struct err *err)
{
	struct strings st = { NULL, NULL, 0, 0 };
	const struct message *message;
	struct value v, type;

	if (take_value(&c, &v) == -1 || v.kind != V_ARRAY || v.n == 0 || take_number(&c, &type, INT32_MAX) == -1)
		return err_set(err, EPROTO, "malformed message: no array that begins with a type");
	m->type = (enum agent_msg_type)type.n;
	v.n--;
	if ((message = message_find(type.n)) == NULL) {
		if (skip_values(&c, v.n) == -1 || c.p != c.end)
			return err_set(err, EPROTO, "malformed message of type %" PRIu64, type.n);
		return 0;
	}
	if (v.n + message->n_late < message->n_fields || take_fields(c, m, message, v.n, &st) == -1)
		return err_set(err, EPROTO, "malformed %s message", message->name);
	if (st.n_chars == 0 && st.n_pointers == 0)
		return 0;
	m->strings = malloc(st.n_pointers * sizeof(char *) + st.n_chars);
	if (m->strings == NULL)
		return err_sys(err, ENOMEM, "%s message", message->name);
	st.pointers = m->strings;
	st.chars = (char *)(st.pointers + st.n_pointers);
	st.n_pointers = st.n_chars = 0;
	return take_fields(c, m, message, v.n, &st);
}

int
agent_msg_decode(const char *data, size_t len, struct agent_msg *m, size_t *used, struct err *err)
{
	struct cursor c = { (const unsigned char *)data, NULL };
	uint64_t size;

	*m = (struct agent_msg){ 0 };
	if (len < FRAME_HEAD)
		return 0;
	c.end = c.p + FRAME_HEAD;
	take_be(&c, FRAME_HEAD, &size);
	if (size == 0 || size > AGENT_FRAME_MAX)
		return err_set(err, EPROTO, "a frame of %" PRIu64 " bytes (1 to %u are allowed)", size, AGENT_FRAME_MAX);
	if (len - FRAME_HEAD < size)
		return 0;
	c.end = c.p + size;
	if (decode_body(c, m, err) == -1) {
		agent_msg_release(m);
		return -1;
	}
	*used = FRAME_HEAD + size;
	return 1;
}

void
agent_msg_release(struct agent_msg *m)
{
	free(m->strings);
	m->strings = NULL;
}

uint32_t
agent_proto_choose(uint32_t min, uint32_t max, uint32_t other_min, uint32_t other_max)
{
	uint32_t lowest = min > other_min ? min : other_min, highest = max < other_max ? max : other_max;

	return lowest <= highest ? highest : 0;
}

const char *
agent_proto_text(uint32_t min, uint32_t max, char buf[AGENT_PROTO_TEXT_SIZE])
{
	if (min == max)
		snprintf(buf, AGENT_PROTO_TEXT_SIZE, "%" PRIu32, min);
	else
		snprintf(buf, AGENT_PROTO_TEXT_SIZE, "%" PRIu32 "-%" PRIu32, min, max);
	return buf;
}
