#include "conf/schema.h"

#include <string.h>
#include <sys/resource.h>

#include "base/attr.h"
#include "conf/config.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
#define KIB (INT64_C(1) << 10)
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)

#define CONFIG(member) .target = TARGET_CONFIG, .offset = offsetof(struct config, member)
#define SUP(member) .target = TARGET_SUP, .offset = offsetof(struct sup_spec, member)
#define SPEC(member) .target = TARGET_SPEC, .offset = offsetof(struct child_spec, member)
#define LAUNCH(member) .target = TARGET_LAUNCH, .offset = offsetof(struct launch, member)
#define SCRAPER(member) .target = TARGET_SCRAPER, .offset = offsetof(struct scraper, member)
#define SOURCE(member) .target = TARGET_SOURCE, .offset = offsetof(struct source, member)
#define NODE(member) .target = TARGET_NODE, .offset = offsetof(struct node_conf, member)
#define HANDLER(member) .target = TARGET_HANDLER, .offset = offsetof(struct handler, member)
#define RANGE(low, high) .min = (low), .max = (high)
#define ONCE(id) .type = VALUE_SECTION, .section = (id), .repeat = SECTION_ONCE
#define NAMED(id) .type = VALUE_SECTION, .section = (id), .repeat = SECTION_NAMED

/* In the order of the enums of core/spec.h, config.h and agent_msg.h. */
static const char *const restart_names[] = { "permanent", "transient", "temporary", NULL };
static const char *const strategy_names[] = { "one_for_one", "one_for_all", "rest_for_one",
	"simple_one_for_one", NULL };
static const char *const ready_names[] = { "exec", "notify", "newline", NULL };
static const char *const auto_shutdown_names[] = { "never", "any_significant", "all_significant", NULL };
static const char *const output_names[] = { "log", "observations", NULL };
static const char *const stdin_names[] = { "null", "pipe", NULL };
static const char *const stdout_names[] = { "log", "null", NULL };
static const char *const stderr_names[] = { "join", "own", "null", NULL };
static const char *const stop_names[] = { "parallel", "serial", NULL };
static const char *const init_names[] = { "patient", "strict", NULL };
static const char *const root_names[] = { "cool_down", "exit", NULL };
static const char *const first_names[] = { "delayed", "at_once", NULL };

/* Of every supervisor, the root included. */
static const struct schema_word sup_words[] = {
	{ "strategy", VALUE_ENUM, SUP(strategy), .names = strategy_names, .def = "one_for_one",
	    .otp = "invalid_strategy",
	    .help = "which siblings are restarted with a child that failed" },
	{ "intensity", VALUE_UINT, SUP(intensity), RANGE(0, UINT32_MAX - 1), .none = "infinity",
	    .none_value = INTENSITY_INFINITY, .def = "infinity",
	    .otp = "invalid_intensity",
	    .help = "so many restarts within period are borne; one more, and the supervisor gives up" },
	{ "period", VALUE_DURATION, SUP(period_us), RANGE(1000, 52 * WEEK), .def = "5s",
	    .otp = "invalid_period",
	    .help = "the window in which restarts are counted" },
	{ "auto_shutdown", VALUE_ENUM, SUP(auto_shutdown), .names = auto_shutdown_names, .def = "never",
	    .otp = "invalid_auto_shutdown",
	    .help = "whether the end of significant children ends the supervisor" },
	{ "stop", VALUE_BOOL, SUP(stop_serial), .names = stop_names, .def = "parallel",
	    .help = "whether children under one_for_one are stopped together or one after the other" },
	{ "init", VALUE_BOOL, SUP(init_strict), .names = init_names, .def = "patient",
	    .help = "whether a child that cannot start at first is tried again or ends the supervisor" },
};

static const struct schema_word root_words[] = {
	{ "store", VALUE_STORE, TARGET_CONFIG, 0, .none = "none", .effect = EFFECT_RESTART,
	    .help = "where prices are kept" },
	{ "state_dir", VALUE_PATH, CONFIG(state_dir), .effect = EFFECT_LATER,
	    .help = "what the daemon keeps over its restarts: journal, epoch, lock" },
	{ "run_dir", VALUE_PATH, CONFIG(run_dir), .effect = EFFECT_LATER, .help = "sockets, and the lock of the agent" },
	{ "log_dir", VALUE_PATH, CONFIG(log_dir), .effect = EFFECT_LATER, .help = "the children's logs" },
	{ "group", VALUE_TEXT, CONFIG(group), .effect = EFFECT_LATER,
	    .help = "whose members may look at the control socket" },
	{ "hold", VALUE_DURATION, CONFIG(hold_us), RANGE(SECOND, DAY), .def = "60s",
	    .help = "how long children live on without a daemon" },
	{ "sync_timeout", VALUE_DURATION, CONFIG(sync_us), RANGE(0, HOUR), .def = "5s",
	    .help = "how long a first start waits for nodes, so that children find the ones they like best" },
	{ "connects", VALUE_UINT, CONFIG(connects), RANGE(1, 1000), .def = "8",
	    .help = "so many connects over ssh may begin at a time" },
	{ "root", VALUE_BOOL, CONFIG(root.root_exit), .names = root_names, .def = "cool_down",
	    .help = "what happens when the root's intensity is exceeded" },
	{ "cool_down", VALUE_DURATION, CONFIG(root.cool_down_us), RANGE(SECOND, WEEK), .def = "5m",
	    .help = "how long the child that exceeded the root's intensity is set aside" },
	{ "journal", ONCE(SECTION_JOURNAL), .help = "how the journal is written" },
	{ "node", NAMED(SECTION_NODE), .help = "a host that children can run on" },
	{ "on_event", NAMED(SECTION_ON_EVENT), .help = "a command that is run when something happens" },
};

static const struct schema_word tree_words[] = {
	{ "supervisor", NAMED(SECTION_SUPERVISOR), .help = "a supervisor below this one" },
	{ "scraper", NAMED(SECTION_SCRAPER), .help = "a pricescrape process and its sources" },
	{ "child", NAMED(SECTION_CHILD), .help = "any other program" },
};

static const struct schema_word journal_words[] = {
	{ "sync", VALUE_DURATION, CONFIG(journal_sync_us), RANGE(1000, MINUTE), .none = "always", .def = "1s",
	    .effect = EFFECT_LATER, .help = "what is written is safe on the disk after this time at the latest" },
	{ "segment", VALUE_SIZE, CONFIG(journal_segment), RANGE(64 * KIB, 4 * GIB), .def = "64M",
	    .effect = EFFECT_LATER, .help = "a new file is begun at this size" },
	{ "keep", VALUE_DURATION, CONFIG(journal_keep_us), RANGE(MINUTE, 5200 * WEEK), .none = "none", .def = "7d",
	    .effect = EFFECT_LATER, .help = "how long files are kept whose records are all in the store" },
};

static const struct schema_word node_words[] = {
	{ "ssh", VALUE_TEXT, NODE(ssh), .effect = EFFECT_RESTART, .help = "destination for ssh: host or user@host" },
	{ "port", VALUE_UINT, NODE(port), RANGE(1, 65535), .effect = EFFECT_RESTART,
	    .help = "the port of its ssh server; else as ssh's own configuration says" },
	{ "identity", VALUE_TEXT, NODE(identity), .effect = EFFECT_RESTART, .help = "the file of the private key for ssh" },
	{ "ssh_options", VALUE_LIST, NODE(ssh_options), .effect = EFFECT_RESTART,
	    .help = "further options for ssh, each as after its -o" },
	{ "accept_new", VALUE_BOOL, NODE(accept_new), .def = "no", .effect = EFFECT_RESTART,
	    .help = "whether the key of a host that was never seen is taken for good" },
	{ "agent", VALUE_TEXT, NODE(agent), .effect = EFFECT_RESTART, .help = "where the agent is on that host" },
	{ "run_dir", VALUE_TEXT, NODE(run_dir), .effect = EFFECT_RESTART,
	    .help = "where the agent has its socket and lock on that host" },
	{ "ssh_program", VALUE_TEXT, NODE(ssh_program), .def = "ssh", .effect = EFFECT_RESTART,
	    .help = "the program that connects" },
	{ "lease", VALUE_DURATION, NODE(lease_us), RANGE(SECOND, DAY), .def = "30s",
	    .help = "children there end when nothing was heard for so long" },
	{ "capacity", VALUE_UINT, NODE(capacity), RANGE(1, 1000000), .none = "unlimited", .def = "unlimited",
	    .help = "at most so many children" },
};

/* What trapexit-event(8) does for us; it is told in its arguments. */
static const struct schema_word handler_words[] = {
	{ "match", VALUE_EVENTS, HANDLER(match.types), .effect = EFFECT_RESTART, .help = "what it is run for" },
	{ "child", VALUE_GLOBS, HANDLER(match.child), .effect = EFFECT_RESTART, .help = "only for these children" },
	{ "reason", VALUE_GLOBS, HANDLER(match.reason), .effect = EFFECT_RESTART,
	    .help = "only for these reasons; failure and success stand for all of a class" },
	{ "node", VALUE_GLOBS, HANDLER(match.node), .effect = EFFECT_RESTART, .help = "only for these nodes" },
	{ "command", VALUE_COMMAND, HANDLER(command), .effect = EFFECT_RESTART,
	    .help = "the program and its arguments; the event is its standard input" },
	{ "user", VALUE_TEXT, HANDLER(user), .effect = EFFECT_RESTART, .help = "the user it runs as" },
	{ "timeout", VALUE_DURATION, HANDLER(timeout_us), RANGE(100000, DAY), .def = "30s", .effect = EFFECT_RESTART,
	    .help = "how long a run may take before it is ended" },
	{ "concurrency", VALUE_UINT, HANDLER(concurrency), RANGE(1, 64), .def = "1", .effect = EFFECT_RESTART,
	    .help = "so many runs at once; with 1 they are in the order of the events" },
	{ "queue", VALUE_UINT, HANDLER(queue), RANGE(1, 100000), .def = "1000", .effect = EFFECT_RESTART,
	    .help = "so many events wait; what comes beyond is dropped and counted" },
};

/* Of every child, supervisors included. */
static const struct schema_word spec_words[] = {
	{ "restart", VALUE_ENUM, SPEC(restart), .names = restart_names, .def = "permanent",
	    .otp = "invalid_restart_type",
	    .help = "after which exits it is started again" },
	{ "shutdown", VALUE_SHUTDOWN, SPEC(shutdown_ms), RANGE(0, WEEK / 1000), .def = "5s",
	    .otp = "invalid_shutdown",
	    .help = "how long it may take to end before it is killed" },
	{ "significant", VALUE_BOOL, SPEC(significant), .def = "no",
	    .otp = "invalid_significant",
	    .help = "whether its end counts for auto_shutdown" },
	{ "backoff", ONCE(SECTION_BACKOFF), .target = TARGET_SPEC, .offset = offsetof(struct child_spec, backoff),
	    .none = "off", .help = "the delay before a restart" },
};

/* A supervisor ends when its children have ended: it needs no limit of its own (S10). */
static const struct schema_word supervisor_words[] = {
	{ "restart", VALUE_ENUM, SPEC(restart), .names = restart_names, .def = "permanent",
	    .otp = "invalid_restart_type",
	    .help = "whether it is started again when it gave up" },
	{ "shutdown", VALUE_SHUTDOWN, SPEC(shutdown_ms), RANGE(0, WEEK / 1000), .def = "infinity",
	    .otp = "invalid_shutdown",
	    .help = "how long its children together may take to end before they are killed" },
	{ "significant", VALUE_BOOL, SPEC(significant), .def = "no",
	    .otp = "invalid_significant",
	    .help = "whether its end counts for auto_shutdown" },
	{ "backoff", ONCE(SECTION_BACKOFF), .target = TARGET_SPEC, .offset = offsetof(struct child_spec, backoff),
	    .none = "off", .help = "the delay before a restart" },
	{ "max_children", VALUE_UINT, SUP(max_children), RANGE(1, 200000), .none = "unlimited", .def = "unlimited",
	    .help = "under simple_one_for_one: at most so many at a time" },
};

/* Of children and scrapers. */
static const struct schema_word worker_words[] = {
	{ "stop_signal", VALUE_SIGNAL, SPEC(stop_signal), .def = "TERM", .help = "the signal that tells it to end" },
	{ "success_codes", VALUE_CODES, SPEC(success_codes), .def = "0",
	    .help = "exit codes that mean it is done, not that it failed" },
	{ "success_signals", VALUE_SIGNALS, SPEC(success_signals),
	    .help = "signals to die by that mean it is done, not that it failed" },
	{ "ready", VALUE_ENUM, SPEC(ready), .names = ready_names, .def = "exec",
	    .help = "how it is known that it has started" },
	{ "start_timeout", VALUE_DURATION, SPEC(start_timeout_us), RANGE(1000, DAY), .none = "infinity", .def = "90s",
	    .help = "how long it may take to be ready" },
	{ "failover_after", VALUE_UINT, SPEC(failover_after), RANGE(1, 1000), .def = "2",
	    .help = "after so many failures in a row on one node the next node is taken" },
	{ "failover_timeout", VALUE_DURATION, SPEC(failover_timeout_us), RANGE(0, DAY), .def = "0s",
	    .help = "how long a lost node is waited for until another is taken, and a better one must be up to be taken" },
	{ "takeover", VALUE_BOOL, SPEC(takeover), .def = "no",
	    .help = "whether it goes back by itself to a node that is more wanted" },
	{ "trap_exit", VALUE_BOOL, SPEC(trap_exit), .def = "no", .effect = EFFECT_RESTART,
	    .help = "whether the end of a linked child is told to it and does not end it" },
	{ "link", VALUE_LIST, LAUNCH(links), .help = "children that end with it, and it with them" },
	{ "monitor", VALUE_LIST, LAUNCH(monitors), .help = "children whose end is told to it" },
	{ "environment", ONCE(SECTION_ENVIRONMENT), .target = TARGET_LAUNCH, .offset = offsetof(struct launch, env),
	    .effect = EFFECT_RESTART, .help = "what is added to its environment" },
	{ "cwd", VALUE_PATH, LAUNCH(cwd), .effect = EFFECT_RESTART, .help = "the folder it starts in" },
	{ "user", VALUE_TEXT, LAUNCH(user), .effect = EFFECT_RESTART, .help = "the user it runs as" },
	{ "group", VALUE_TEXT, LAUNCH(group), .effect = EFFECT_RESTART, .help = "the group it runs as" },
	{ "umask", VALUE_UMASK, LAUNCH(umask), RANGE(0, 0777), .effect = EFFECT_RESTART,
	    .help = "permissions that its new files do not get" },
	{ "nice", VALUE_INT, LAUNCH(nice), RANGE(-20, 19), .effect = EFFECT_RESTART,
	    .help = "its priority: 19 gives way to all others" },
	{ "limit", ONCE(SECTION_LIMIT), .effect = EFFECT_RESTART, .help = "limits of setrlimit(2)" },
	{ "nodes", VALUE_NODES, LAUNCH(nodes), .def = "local",
	    .help = "where it may run, the most wanted first; {a, b} in it are equals" },
	{ "log", ONCE(SECTION_LOG), .help = "its log file" },
};

static const struct schema_word child_words[] = {
	{ "command", VALUE_COMMAND, LAUNCH(argv), .effect = EFFECT_RESTART, .otp = "invalid_start",
	    .help = "the program and its arguments" },
	{ "output", VALUE_ENUM, LAUNCH(output), .names = output_names, .def = "log", .effect = EFFECT_RESTART,
	    .help = "what its standard output is" },
	{ "instances", VALUE_UINT, LAUNCH(instances), RANGE(1, 100000), .effect = EFFECT_NONE,
	    .help = "so many of it, named NAME:1, NAME:2 ..." },
	{ "stdin", VALUE_ENUM, LAUNCH(in), .names = stdin_names, .def = "null", .effect = EFFECT_RESTART,
	    .help = "its standard input" },
	{ "stdout", VALUE_ENUM, LAUNCH(out), .names = stdout_names, .def = "log", .effect = EFFECT_RESTART,
	    .help = "its standard output" },
	{ "stderr", VALUE_ENUM, LAUNCH(err), .names = stderr_names, .def = "join", .effect = EFFECT_RESTART,
	    .help = "its standard error" },
	{ "hang_after", VALUE_DURATION, LAUNCH(hang_after_us), RANGE(SECOND, 52 * WEEK), .none = "never", .def = "never",
	    .help = "without output of any kind for so long it counts as hung and is restarted" },
};

static const struct schema_word scraper_words[] = {
	{ "every", VALUE_DURATION, SCRAPER(every_us), RANGE(1000, 52 * WEEK), .def = "5m", .effect = EFFECT_RESTART,
	    .help = "how often each source is fetched" },
	{ "jitter", VALUE_PERMILLE, SCRAPER(jitter_permille), RANGE(0, 1000), .def = "10%", .effect = EFFECT_RESTART,
	    .help = "by how much of every a fetch is moved within its slot" },
	{ "gap", VALUE_DURATION, SCRAPER(gap_us), RANGE(0, DAY), .def = "10s", .effect = EFFECT_RESTART,
	    .help = "the rest between two fetches from one site" },
	{ "concurrency", VALUE_UINT, SCRAPER(concurrency), RANGE(1, 10000), .def = "1", .effect = EFFECT_RESTART,
	    .help = "so many fetches from one site may be under way at a time" },
	{ "min", VALUE_AMOUNT, SCRAPER(min), .effect = EFFECT_RESTART, .help = "a lower price is never believed" },
	{ "max", VALUE_AMOUNT, SCRAPER(max), .effect = EFFECT_RESTART, .help = "a higher price is never believed" },
	{ "jump", VALUE_FACTOR, SCRAPER(jump_permille), RANGE(1001, 1000000000), .none = "off", .none_value = UINT32_MAX,
	    .def = "5", .effect = EFFECT_RESTART,
	    .help = "a price that is more than so many times as high or low as the last one is suspect" },
	{ "confirm", VALUE_UINT, SCRAPER(confirm), RANGE(0, 100), .def = "2", .effect = EFFECT_RESTART,
	    .help = "so many further checks make a suspect price the current one; 0: none is suspect" },
	{ "allow_zero", VALUE_BOOL, SCRAPER(allow_zero), .def = "no", .effect = EFFECT_RESTART,
	    .help = "whether a price of 0 that the page states for machines is one" },
	{ "timeout", VALUE_DURATION, SCRAPER(timeout_us), RANGE(1000, HOUR), .def = "30s", .effect = EFFECT_RESTART,
	    .help = "how long a fetch may take" },
	{ "page_cpu", VALUE_DURATION, SCRAPER(page_cpu_us), RANGE(1000, HOUR), .def = "2s", .effect = EFFECT_RESTART,
	    .help = "how long a page may be read, of processor time" },
	{ "max_body", VALUE_SIZE, SCRAPER(max_body), RANGE(KIB, GIB), .def = "8M", .effect = EFFECT_RESTART,
	    .help = "the largest page that is read, unpacked" },
	{ "user_agent", VALUE_TEXT, SCRAPER(user_agent), .effect = EFFECT_RESTART,
	    .help = "who we say we are; pricescrape(1) has a default" },
	{ "contact", VALUE_TEXT, SCRAPER(contact), .effect = EFFECT_RESTART,
	    .help = "where a shop finds you, said beside our name; not with user_agent" },
	{ "proxy", VALUE_PROXY, SCRAPER(proxy), .effect = EFFECT_RESTART,
	    .help = "through what pages are fetched, or none; else as the environment says" },
	{ "allow_private", VALUE_BOOL, SCRAPER(allow_private), .def = "no", .effect = EFFECT_RESTART,
	    .help = "whether private and loopback addresses may be fetched" },
	{ "robots", VALUE_BOOL, SCRAPER(respect_robots), .def = "yes", .effect = EFFECT_RESTART,
	    .help = "whether robots.txt is to be obeyed" },
	{ "sandbox", VALUE_BOOL, SCRAPER(sandbox), .def = "yes", .effect = EFFECT_RESTART,
	    .help = "whether pages are read by a process that has shut itself in" },
	{ "die_after", VALUE_UINT, SCRAPER(die_after), RANGE(1, 1000000000), .none = "never", .def = "never",
	    .effect = EFFECT_RESTART, .help = "crash after so many fetches, for drills" },
	{ "hang_after", VALUE_DURATION, LAUNCH(hang_after_us), RANGE(SECOND, 52 * WEEK), .none = "auto",
	    .none_value = HANG_AUTO, .def = "auto",
	    .help = "without output of any kind for so long it counts as hung; auto: by its schedule" },
	{ "stale_after", VALUE_DURATION, SCRAPER(stale_after_us), RANGE(SECOND, 52 * WEEK), .none = "never",
	    .automatic = true, .def = "auto",
	    .help = "after so long without a good one a price counts as stale; auto: by its schedule" },
	{ "options", VALUE_LIST, SCRAPER(options), .effect = EFFECT_RESTART,
	    .help = "further arguments for pricescrape(1)" },
	{ "source", NAMED(SECTION_SOURCE), .effect = EFFECT_RESTART, .help = "a page to watch" },
	{ "sources_from", VALUE_SOURCES, TARGET_SCRAPER, 0, .effect = EFFECT_RESTART,
	    .help = "CSV files with more sources" },
};

static const struct schema_word source_words[] = {
	{ "product", VALUE_TEXT, SOURCE(product), .effect = EFFECT_RESTART,
	    .help = "what is sold there: the same name at all suppliers" },
	{ "url", VALUE_URL, SOURCE(url), .effect = EFFECT_RESTART, .help = "the page" },
	{ "pattern", VALUE_PATTERN, SOURCE(pattern), .effect = EFFECT_RESTART,
	    .help = "a PCRE2 that finds the price; without one structured data are read" },
	{ "xpath", VALUE_XPATH, SOURCE(xpath), .effect = EFFECT_RESTART,
	    .help = "an XPath that finds the price; of several kinds of rules the first with an amount wins" },
	{ "css", VALUE_CSS, SOURCE(css), .effect = EFFECT_RESTART, .help = "a CSS selector that finds the price" },
	{ "pointer", VALUE_POINTER, SOURCE(pointer), .effect = EFFECT_RESTART,
	    .help = "a JSON pointer to the price, for pages that are JSON" },
	{ "charset", VALUE_CHARSET, SOURCE(charset), .effect = EFFECT_RESTART,
	    .help = "the encoding of the page, where it says a wrong one" },
	{ "decimal", VALUE_SEPARATOR, SOURCE(decimal), .max = 2, .effect = EFFECT_RESTART,
	    .help = "the separator before the decimals" },
	{ "group", VALUE_SEPARATOR, SOURCE(group), .max = 4, .effect = EFFECT_RESTART,
	    .help = "the separator between thousands" },
	{ "sources", VALUE_METHODS, SOURCE(sources), .effect = EFFECT_RESTART,
	    .help = "which automatic sources are used without a rule" },
	{ "allow_negative", VALUE_BOOL, SOURCE(allow_negative), .effect = EFFECT_RESTART,
	    .help = "whether an amount below 0 is a price" },
	{ "magnitudes", VALUE_BOOL, SOURCE(magnitudes), .effect = EFFECT_RESTART,
	    .help = "whether 2.5k is 2500" },
	{ "currency", VALUE_CURRENCY, SOURCE(currency), .effect = EFFECT_RESTART,
	    .help = "the currency, where the page does not say" },
	{ "locale", VALUE_LOCALE, SOURCE(locale), .effect = EFFECT_RESTART, .help = "how numbers are written there" },
	{ "every", VALUE_DURATION, SOURCE(every_us), RANGE(1000, 52 * WEEK), .effect = EFFECT_RESTART,
	    .help = "how often it is fetched, if not as its scraper says" },
	{ "min", VALUE_AMOUNT, SOURCE(min), .effect = EFFECT_RESTART, .help = "a lower price is never believed" },
	{ "max", VALUE_AMOUNT, SOURCE(max), .effect = EFFECT_RESTART, .help = "a higher price is never believed" },
	{ "jump", VALUE_FACTOR, SOURCE(jump_permille), RANGE(1001, 1000000000), .none = "off", .none_value = UINT32_MAX,
	    .effect = EFFECT_RESTART, .help = "how much the price may change, if not as its scraper says" },
	{ "confirm", VALUE_UINT, SOURCE(confirm), RANGE(1, 100), .effect = EFFECT_RESTART,
	    .help = "how many further checks confirm a suspect price, if not as its scraper says" },
	{ "allow_zero", VALUE_BOOL, SOURCE(allow_zero), .effect = EFFECT_RESTART,
	    .help = "whether a price of 0 that the page states for machines is one" },
};

static const struct schema_word backoff_words[] = {
	{ "min", VALUE_DURATION, SPEC(backoff.min_us), RANGE(1000, WEEK), .def = "200ms",
	    .help = "the first delay of a row" },
	{ "max", VALUE_DURATION, SPEC(backoff.max_us), RANGE(1000, WEEK), .def = "60s", .help = "the longest delay" },
	{ "factor", VALUE_UINT, SPEC(backoff.factor), RANGE(1, 1000), .def = "2",
	    .help = "by this each delay is longer than the one before" },
	{ "jitter", VALUE_PERMILLE, SPEC(backoff.jitter_permille), RANGE(0, 1000), .def = "10%",
	    .help = "by at most so much a delay is lengthened at random" },
	{ "reset_after", VALUE_DURATION, SPEC(backoff.reset_after_us), RANGE(1000, 52 * WEEK), .def = "60s",
	    .help = "a child that stayed up for so long begins a new row" },
	{ "first", VALUE_BOOL, SPEC(backoff.first_at_once), .names = first_names, .def = "at_once",
	    .help = "whether the first restart of a row waits" },
};

#define LIMIT(name, resource, text) \
	{ (name), VALUE_LIMIT, TARGET_LAUNCH, 0, .min = (resource), .effect = EFFECT_RESTART, .help = (text) }

static const struct schema_word limit_words[] = {
	LIMIT("as", RLIMIT_AS, "address space"),
	LIMIT("core", RLIMIT_CORE, "size of a core dump"),
	LIMIT("cpu", RLIMIT_CPU, "seconds of processor time"),
	LIMIT("data", RLIMIT_DATA, "data segment"),
	LIMIT("fsize", RLIMIT_FSIZE, "size of a file it writes"),
	LIMIT("locks", RLIMIT_LOCKS, "file locks"),
	LIMIT("memlock", RLIMIT_MEMLOCK, "memory locked in RAM"),
	LIMIT("msgqueue", RLIMIT_MSGQUEUE, "bytes in POSIX message queues"),
	LIMIT("nice", RLIMIT_NICE, "how far it may raise its priority: 20 minus the nice value"),
	LIMIT("nofile", RLIMIT_NOFILE, "open files"),
	LIMIT("nproc", RLIMIT_NPROC, "processes of its user"),
	LIMIT("rss", RLIMIT_RSS, "resident set (without effect on Linux)"),
	LIMIT("rtprio", RLIMIT_RTPRIO, "real-time priority"),
	LIMIT("rttime", RLIMIT_RTTIME, "microseconds of real-time work without a blocking call"),
	LIMIT("sigpending", RLIMIT_SIGPENDING, "queued signals"),
	LIMIT("stack", RLIMIT_STACK, "stack"),
};

static const struct schema_word log_words[] = {
	{ "size", VALUE_SIZE, LAUNCH(log_size), RANGE(4 * KIB, 1024 * GIB), .none = "unlimited", .def = "10M",
	    .help = "the file is put aside at this size and a new one is begun" },
	{ "keep", VALUE_UINT, LAUNCH(log_keep), RANGE(0, 1000), .def = "5", .help = "how many old files are kept" },
};

#define TABLE(words) { words, ARRAY_LEN(words) }

static const struct schema sections[] = {
	[SECTION_ROOT] = { "the file", { TABLE(root_words), TABLE(sup_words), TABLE(tree_words) }, false },
	[SECTION_JOURNAL] = { "journal", { TABLE(journal_words) }, false },
	[SECTION_NODE] = { "node", { TABLE(node_words) }, false },
	[SECTION_SUPERVISOR] = { "supervisor",
	    { TABLE(supervisor_words), TABLE(sup_words), TABLE(tree_words) }, false },
	[SECTION_SCRAPER] = { "scraper", { TABLE(scraper_words), TABLE(spec_words), TABLE(worker_words) }, false },
	[SECTION_SOURCE] = { "source", { TABLE(source_words) }, false },
	[SECTION_CHILD] = { "child", { TABLE(child_words), TABLE(spec_words), TABLE(worker_words) }, false },
	[SECTION_BACKOFF] = { "backoff", { TABLE(backoff_words) }, false },
	[SECTION_ENVIRONMENT] = { "environment", { { NULL, 0 } }, true },
	[SECTION_LIMIT] = { "limit", { TABLE(limit_words) }, false },
	[SECTION_LOG] = { "log", { TABLE(log_words) }, false },
	[SECTION_ON_EVENT] = { "on_event", { TABLE(handler_words) }, false },
};

_Static_assert(ARRAY_LEN(sections) == SECTIONS, "a section has no table");
_Static_assert(ARRAY_LEN(child_words) + ARRAY_LEN(spec_words) + ARRAY_LEN(worker_words) <= SCHEMA_WORDS_MAX,
    "too many words in a child");
_Static_assert(ARRAY_LEN(scraper_words) + ARRAY_LEN(spec_words) + ARRAY_LEN(worker_words) <= SCHEMA_WORDS_MAX,
    "too many words in a scraper");
_Static_assert(ARRAY_LEN(root_words) + ARRAY_LEN(sup_words) + ARRAY_LEN(tree_words) <= SCHEMA_WORDS_MAX,
    "too many words in the file");
_Static_assert(ARRAY_LEN(limit_words) == AGENT_RLIMITS_MAX, "a limit has no place in a start order");

const struct schema *
schema_section(enum schema_id id)
{
	return &sections[id];
}

const struct schema_word *
schema_find(enum schema_id id, const char *word, size_t *index)
{
	const struct schema_table *t;
	size_t before = 0, i, k;

	for (k = 0; k < SCHEMA_TABLES_MAX; k++) {
		t = &sections[id].tables[k];
		for (i = 0; i < t->n; i++) {
			if (strcmp(t->words[i].word, word) == 0) {
				*index = before + i;
				return &t->words[i];
			}
		}
		before += t->n;
	}
	return NULL;
}

const struct schema_word *
schema_word(enum schema_id id, size_t i)
{
	size_t k;

	for (k = 0; k < SCHEMA_TABLES_MAX; k++) {
		if (i < sections[id].tables[k].n)
			return &sections[id].tables[k].words[i];
		i -= sections[id].tables[k].n;
	}
	return NULL;
}

const char *
schema_type_name(const struct schema_word *w)
{
	static const char *const names[] = {
		[VALUE_BOOL] = "yes or no", [VALUE_UINT] = "number", [VALUE_INT] = "number",
		[VALUE_ENUM] = "choice", [VALUE_DURATION] = "duration", [VALUE_SHUTDOWN] = "duration",
		[VALUE_SIZE] = "size", [VALUE_PERMILLE] = "per cent", [VALUE_UMASK] = "octal number",
		[VALUE_TEXT] = "text", [VALUE_PATH] = "path", [VALUE_STORE] = "store", [VALUE_URL] = "URL",
		[VALUE_PROXY] = "URL or none",
		[VALUE_XPATH] = "XPath", [VALUE_CSS] = "selector", [VALUE_POINTER] = "JSON pointer",
		[VALUE_SEPARATOR] = "character", [VALUE_METHODS] = "list of sources",
		[VALUE_PATTERN] = "pattern", [VALUE_CURRENCY] = "currency", [VALUE_LOCALE] = "locale",
		[VALUE_CHARSET] = "encoding",
		[VALUE_AMOUNT] = "amount", [VALUE_FACTOR] = "factor",
		[VALUE_COMMAND] = "command", [VALUE_LIST] = "list", [VALUE_SIGNAL] = "signal",
		[VALUE_SIGNALS] = "list of signals", [VALUE_CODES] = "list of exit codes",
		[VALUE_LIMIT] = "limit", [VALUE_SOURCES] = "list of paths", [VALUE_SECTION] = "section",
		[VALUE_EVENTS] = "list of events", [VALUE_NODES] = "list of nodes", [VALUE_GLOBS] = "list of globs",
	};

	_Static_assert(ARRAY_LEN(names) == VALUE_TYPES, "a type has no name");
	if (w->type == VALUE_BOOL && w->names != NULL)
		return "choice";
	return names[w->type];
}
