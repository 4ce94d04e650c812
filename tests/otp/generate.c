/* Makes random scenarios: valid trees, and lines that meet them in all states. */
#include "config.h"

#include "scenario.h"

#include "base/attr.h"
#include "base/map.h"

#define IDS_MAX 40

struct maker {
	FILE *out;
	uint64_t random;
	unsigned n_sups, n_ids, n_added;
	char sups[8][8];
	bool simple[8];
	unsigned auto_shutdown[8];
	char ids[IDS_MAX][8]; /* workers, with the supervisor that they are under */
	unsigned sup_of[IDS_MAX];
};

static const char *const strategies[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };
static const char *const autos[] = { "never", "any_significant", "all_significant" };
static const char *const restarts[] = { "permanent", "transient", "temporary" };
static const char *const reasons[] = { "crash", "crash", "kill", "normal", "shutdown", "code" };

static unsigned
below(struct maker *m, unsigned n)
{
	m->random = hash_u64(m->random);
	return (unsigned)((m->random >> 16) % n);
}

/* "RESTART SIGNIFICANT" of a child under supervisor s (S12). */
static void
put_restart(struct maker *m, unsigned s)
{
	unsigned r = below(m, 5);

	r = r > 2 ? 0 : r;
	fprintf(m->out, "%s %s\n", restarts[r], r > 0 && m->auto_shutdown[s] > 0 && below(m, 2) == 0 ? "yes" : "no");
}

static void
make_child(struct maker *m, unsigned s, const char *type, const char *id)
{
	fprintf(m->out, "child %s %s %s ", m->sups[s], id, type);
	put_restart(m, s);
}

/* A supervisor; its children come when all supervisors are known. */
static void
make_sup(struct maker *m)
{
	unsigned s = m->n_sups++, strategy = below(m, s == 0 ? 3 : 4);

	snprintf(m->sups[s], sizeof(m->sups[s]), s == 0 ? "top" : "s%u", s);
	m->simple[s] = strategy == 3;
	m->auto_shutdown[s] = below(m, 4) == 0 ? 1 + below(m, 2) : 0;
	fprintf(m->out, "sup %s %s %u %s\n", m->sups[s], strategies[strategy], below(m, 6), autos[m->auto_shutdown[s]]);
}

static void
make_workers(struct maker *m, unsigned s)
{
	unsigned n = 1 + below(m, 3);

	while (n-- > 0) {
		snprintf(m->ids[m->n_ids], sizeof(m->ids[0]), "w%u", m->n_ids);
		m->sup_of[m->n_ids] = s;
		make_child(m, s, "worker", m->ids[m->n_ids++]);
	}
}

static void
make_tree(struct maker *m)
{
	unsigned n = 1 + below(m, 4), s, i;

	for (s = 0; s < n; s++)
		make_sup(m);
	for (s = 0; s < n; s++) {
		if (m->simple[s]) {
			make_child(m, s, "template", "t");
			continue;
		}
		make_workers(m, s);
		/* Those after it in the list stand below it or its ancestors: each has one place. */
		for (i = s + 1; i < n; i++)
			if (i == s + 1 || (s == 0 && i > s + 1 && m->simple[i - 1])) {
				make_child(m, s, "supervisor", m->sups[i]);
				if (below(m, 2) == 0)
					make_workers(m, s);
			}
	}
}

static void
operate(struct maker *m)
{
	static const char *const operations[] = { "terminate_child", "restart_child", "delete_child" };
	unsigned i = below(m, m->n_ids), s = m->sup_of[i], what = below(m, 6);
	const char *id = m->ids[i];

	if (below(m, 8) == 0 && m->n_sups > 1) { /* a nested supervisor as a child; which is whose is found out */
		fprintf(m->out, "%s top %s\n", operations[below(m, 3)], m->sups[1 + below(m, m->n_sups - 1)]);
		return;
	}
	if (what < 2) {
		s = below(m, m->n_sups);
		if (m->n_ids < IDS_MAX && below(m, 4) > 0) {
			snprintf(m->ids[m->n_ids], sizeof(m->ids[0]), "%c%u", m->simple[s] ? 'i' : 'a', m->n_added++);
			m->sup_of[m->n_ids] = s;
			id = m->ids[m->n_ids++];
		} else {
			s = m->sup_of[i];
			if (m->simple[s])
				return; /* an instance has no id to be taken twice */
		}
		fprintf(m->out, "start_child %s %s ", m->sups[s], id);
		put_restart(m, s);
	} else if (m->simple[s] && what > 3) {
		return;
	} else {
		fprintf(m->out, "%s %s %s\n", operations[m->simple[s] ? 0 : below(m, 3)], m->sups[s], id);
	}
}

void
scenario_generate(FILE *out, uint64_t seed)
{
	struct maker m = { .out = out, .random = hash_u64(seed) };
	unsigned n = 10 + below(&m, 25);

	fprintf(out, "scenario %llu\n", (unsigned long long)seed);
	make_tree(&m);
	if (below(&m, 6) == 0)
		fprintf(out, "%s %s 1\n", below(&m, 2) == 0 ? "ignore" : "fail", m.ids[below(&m, m.n_ids)]);
	fprintf(out, "start\n");
	while (n-- > 0) {
		const char *id = m.ids[below(&m, m.n_ids)];

		switch (below(&m, 10)) {
		case 0:
			fprintf(out, "fail %s %u\n", id, 1 + below(&m, 3));
			break;
		case 1:
			/* Not an instance: OTP would keep an entry without a process when its restart is ignored (S26). */
			if (id[0] != 'i')
				fprintf(out, "ignore %s 1\n", id);
			break;
		case 2:
		case 3:
		case 4:
			operate(&m);
			break;
		case 5:
			fprintf(out, "count_children %s\n", m.sups[below(&m, m.n_sups)]);
			break;
		default:
			fprintf(out, "exit %s %s\n", id, reasons[below(&m, ARRAY_LEN(reasons))]);
			break;
		}
	}
	fprintf(out, "stop\n");
}
