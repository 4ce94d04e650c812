/* tests/sim/run: see HACKING.md. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

static const char help[] =
    "usage: tests/sim/run [options]\n"
    "       tests/sim/run --scale [NODES [CHILDREN]]\n"
    "Simulate supervision with faults, and look at what must always be true.\n"
    "\n"
    "  -s, --seed N       this seed, with its last events if it fails (default: 1)\n"
    "  -r, --seeds A..B   these seeds; stops at the first that fails\n"
    "  -n, --steps N      items of the plan: behaviours, faults, orders (default: the seed's choice)\n"
    "  -c, --children N   children and supervisors (default: the seed's choice)\n"
    "  -a, --agents N     hosts with an agent (default: the seed's choice)\n"
    "  -x, --shrink       reduce a plan that fails to a short one, and show that\n"
    "  -v, --verbose      show everything that happens\n"
    "  -S, --scale        how long 2000 nodes and 200000 children take, or so many, and how much memory\n"
    "  -h, --help         show this help\n";

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "seeds", required_argument, NULL, 'r' },
	{ "steps", required_argument, NULL, 'n' },
	{ "children", required_argument, NULL, 'c' },
	{ "agents", required_argument, NULL, 'a' },
	{ "shrink", no_argument, NULL, 'x' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "scale", no_argument, NULL, 'S' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	struct plan_options plan;
	uint64_t from, to;
	bool shrink, verbose, scale;
	uint32_t nodes, children; /* of --scale */
};

static void ATTR_NORETURN
usage_error(const char *what, const char *value)
{
	fprintf(stderr, "run: %s: %s\n", value, what);
	exit(2);
}

static uint64_t
number(const char *text, uint64_t most)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n > most)
		usage_error("not a number that fits", text);
	return n;
}

static void
seeds(struct options *o, const char *text)
{
	const char *dots = strstr(text, "..");
	char first[32];

	if (dots == NULL || (size_t)(dots - text) >= sizeof(first))
		usage_error("not a range such as 1..2000", text);
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = '\0';
	o->from = number(first, UINT64_MAX);
	o->to = number(dots + 2, UINT64_MAX);
}

static void
parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "s:r:n:c:a:xvSh", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			o->from = o->to = number(optarg, UINT64_MAX);
			break;
		case 'r':
			seeds(o, optarg);
			break;
		case 'n':
			o->plan.steps = (uint32_t)number(optarg, 1000000);
			break;
		case 'c':
			o->plan.children = (uint32_t)number(optarg, 1000000);
			break;
		case 'a':
			o->plan.agents = (uint32_t)number(optarg, 16);
			break;
		case 'x':
			o->shrink = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'S':
			o->scale = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			fputs("Try 'run --help'.\n", stderr);
			exit(2);
		}
	}
	if (o->scale && optind < argc)
		o->nodes = (uint32_t)number(argv[optind++], 20000);
	if (o->scale && optind < argc)
		o->children = (uint32_t)number(argv[optind++], 2000000);
	if (o->scale && (o->nodes < 3 || o->children == 0))
		usage_error("at least 3 nodes and a child", "--scale");
	if (optind < argc)
		usage_error("unexpected argument", argv[optind]);
}

static void
tell_failure(struct plan *p, const struct options *o, const struct outcome *first)
{
	struct outcome out;
	size_t i;

	printf("seed %ju breaks \"%s\": %s\n", (uintmax_t)p->seed, first->invariant, first->failure);
	if (o->shrink)
		plan_shrink(p, first);
	if (o->shrink) {
		printf("what is left of the plan:\n");
		for (i = 0; i < p->n_items; i++)
			item_print(&p->items[i]);
	}
	plan_run(p, 1, &out);
	printf("seed %ju breaks \"%s\": %s\n", (uintmax_t)p->seed, out.invariant, out.failure);
	printf("again: tests/sim/run --seed %ju", (uintmax_t)p->seed);
	if (o->plan.steps > 0)
		printf(" --steps %u", o->plan.steps);
	if (o->plan.children > 0)
		printf(" --children %u", o->plan.children);
	if (o->plan.agents > 0)
		printf(" --agents %u", o->plan.agents);
	printf("%s\n", o->shrink ? "" : " --shrink");
}

static void
add(struct counts *sum, const struct counts *c)
{
	sum->events += c->events;
	sum->messages += c->messages;
	sum->starts += c->starts;
	sum->lives += c->lives;
	sum->deaths += c->deaths;
	sum->orders += c->orders;
	sum->faults += c->faults;
	sum->attaches += c->attaches;
}

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
tell_sums(uint64_t n, const struct counts *c, int64_t simulated_us)
{
	double hours = (double)simulated_us / 3600e6, cpu = cpu_seconds();

	printf("%ju seeds: %ju events, %ju messages, %ju starts, %ju deaths, %ju orders, %ju faults, %ju attaches\n",
	    (uintmax_t)n, (uintmax_t)c->events, (uintmax_t)c->messages, (uintmax_t)c->starts, (uintmax_t)c->deaths,
	    (uintmax_t)c->orders, (uintmax_t)c->faults, (uintmax_t)c->attaches);
	printf("%.1f simulated hours in %.1f s of CPU: %.0f hours a CPU minute, %.0f events a second\n", hours, cpu,
	    hours * 60 / cpu, (double)c->events / cpu);
}

int
main(int argc, char **argv)
{
	struct options o = { .from = 1, .to = 1, .nodes = 2000, .children = 200000 };
	struct counts sum = { 0 };
	int64_t simulated = 0;
	struct outcome out;
	struct plan p;
	uint64_t seed;

	parse(&o, argc, argv);
	if (o.scale)
		return scale_run(o.nodes, o.children, o.from) ? 0 : 1;
	for (seed = o.from; seed <= o.to; seed++) {
		o.plan.seed = seed;
		plan_make(&p, &o.plan);
		plan_run(&p, o.verbose ? 2 : 0, &out);
		if (out.failed) {
			tell_failure(&p, &o, &out);
			plan_release(&p);
			return 1;
		}
		plan_release(&p);
		add(&sum, &out.counts);
		simulated += out.simulated_us;
	}
	tell_sums(o.to - o.from + 1, &sum, simulated);
	return 0;
}
