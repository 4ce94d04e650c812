/*
 * Nodes over ssh, the pure parts: the command line, what runs there under whatever
 * shell, when to connect, and what an ssh that has ended means.
 */
/* Not src/conf/config.h: what configure found. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "conf/ssh.h"
#include "daemon/ssh_pace.h"
#include "daemon/ssh_words.h"
#include "unit.h"
#include "wire/frame.h"
#include "wire/preamble.h"

#define INSTALLATION "0123456789abcdef0123456789abcdef"

static struct config *
parse(const char *node)
{
	struct config_errors errors = { 0 };
	char *text = xasprintf("node box2 { %s }\nchild x { command = x }\n", node);
	struct config *c = config_parse("t", text, strlen(text), &errors);

	ck_assert_msg(c != NULL, "%s", errors.text.data);
	buf_release(&errors.text);
	free(text);
	return c;
}

static char *
command_line(const struct node_conf *node)
{
	struct strvec argv = STRVEC_INIT;
	struct buf b = BUF_INIT(0);

	ssh_argv(node, &argv);
	for (size_t i = 0; i < argv.n; i++)
		buf_xprintf(&b, "%s%s", i > 0 ? "|" : "", argv.v[i]);
	strvec_release(&argv);
	return buf_detach(&b);
}

START_TEST(arguments)
{
	struct config *c = parse("ssh = \"me@box2\" lease = 30s");
	char *line = command_line(&c->nodes[1]);

	ck_assert_str_eq(line, "ssh|-o|BatchMode=yes|-o|RequestTTY=no|-o|RemoteCommand=none|-o|EscapeChar=none|-o|"
	    "PermitLocalCommand=no|-o|ControlMaster=no|-o|ControlPath=none|-o|ClearAllForwardings=yes|-o|ForwardAgent=no|-o|"
	    "ForwardX11=no|-o|Tunnel=no|-o|ConnectTimeout=30|-o|ServerAliveInterval=7|-o|ServerAliveCountMax=3|--|me@box2");
	free(line);
	config_unref(c);
	/* The first that ssh is told counts: the user's options stand before our wishes, and behind what must be. */
	c = parse("ssh = box2 lease = 1s port = 22 identity = \"/k\" ssh_options = {\"ForwardAgent=yes\"} accept_new = yes "
	    "ssh_program = \"/opt/ssh\"");
	line = command_line(&c->nodes[1]);
	ck_assert(strncmp(line, "/opt/ssh|-o|BatchMode=yes|", 26) == 0);
	ck_assert_ptr_nonnull(strstr(line, "|ClearAllForwardings=yes|-o|StrictHostKeyChecking=accept-new|-o|ForwardAgent=yes|-o|ForwardAgent=no|"));
	ck_assert_ptr_nonnull(strstr(line, "|ConnectTimeout=5|-o|ServerAliveInterval=1|-o|ServerAliveCountMax=3|-p|22|-i|/k|--|box2"));
	free(line);
	config_unref(c);
}
END_TEST

/* A stand-in for the agent, that says which it is and what it was told. */
static void
make_agent(const char *dir, const char *name)
{
	char *path = xasprintf("%s/trapexit-agent", dir);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "#!/bin/sh\necho \"%s|$*\"\n", name);
	fclose(f);
	ck_assert_int_eq(chmod(path, 0755), 0);
	free(path);
}

/* As sshd would: SHELL -c COMMAND. The output without its newline; the exit status in *status. */
static char *
run_there(const char *shell, const char *home, const char *path, const char *command, int *status)
{
	char text[4096];
	int p[2];
	ssize_t n = 0, got;
	pid_t pid;

	ck_assert_int_eq(pipe(p), 0);
	fflush(NULL);
	ck_assert_int_ne(pid = fork(), -1);
	if (pid == 0) {
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		setenv("HOME", home, 1);
		setenv("PATH", path, 1);
		if (chdir(home) == 0 && freopen("/dev/null", "w", stderr) != NULL)
			execl(shell, shell, "-c", command, (char *)NULL);
		_exit(99);
	}
	close(p[1]);
	while ((got = read(p[0], text + n, sizeof(text) - (size_t)n - 1)) > 0)
		n += got;
	close(p[0]);
	ck_assert_int_eq(waitpid(pid, status, 0), pid);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return xstrdup(text);
}

static const char *const shells[] = { "/bin/sh", "/bin/bash", "/bin/dash", "/usr/bin/zsh", "/usr/bin/fish", "/usr/bin/ksh",
	"/usr/bin/tcsh", "/usr/bin/mksh" };

/* The agent is found: as deployed, in PATH, where it was told to be; else 127. */
START_TEST(command_in_a_shell)
{
	const char *shell = shells[_i];
	static const char told[] = "from PATH|--attach --installation " INSTALLATION " --node box2 --hold 30000ms";
	char dir[] = "/tmp/tx-ssh-XXXXXX", *bin, *deployed, *command, *out, *want, *tidy;
	struct config *c = parse("ssh = box2 run_dir = \"/var/tmp/x\"");
	int status;

	if (access(shell, X_OK) == -1) {
		config_unref(c);
		return;
	}
	ck_assert_ptr_nonnull(mkdtemp(dir));
	bin = xasprintf("%s/bin", dir);
	deployed = xasprintf("%s/" SSH_DEPLOY_HOME "/" PACKAGE_VERSION, dir);
	tidy = xasprintf("mkdir -p %s %s", bin, deployed);
	ck_assert_int_eq(system(tidy), 0);
	free(tidy);
	command = ssh_attach_command(&c->nodes[1], INSTALLATION);

	/* Our own PATH may lead to one that is installed: theirs does not, and what we add to it is on no test's host. */
	if (access("/usr/sbin/trapexit-agent", F_OK) == -1 && access("/usr/local/sbin/trapexit-agent", F_OK) == -1) {
		out = run_there(shell, dir, "/usr/bin:/bin", command, &status);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 127, "%s: %d: %s", shell, status, out);
		free(out);
	}
	make_agent(bin, "from PATH");
	want = xasprintf("%s:/usr/bin:/bin", bin);
	out = run_there(shell, dir, want, command, &status);
	ck_assert_msg(strncmp(out, "from PATH|--attach --installation", 33) == 0, "%s: %s", shell, out);
	ck_assert_ptr_nonnull(strstr(out, " --run-dir /var/tmp/x"));
	free(out);
	make_agent(deployed, "deployed");
	out = run_there(shell, dir, want, command, &status);
	ck_assert_msg(strncmp(out, "deployed|", 9) == 0, "%s: %s", shell, out);
	free(out);
	free(command);
	config_unref(c);

	c = parse("ssh = box2 agent = \"~/bin/trapexit-agent\"");
	command = ssh_attach_command(&c->nodes[1], INSTALLATION);
	out = run_there(shell, dir, "/usr/bin:/bin", command, &status);
	ck_assert_msg(strncmp(out, "from PATH|", 10) == 0, "%s: %s", shell, out);
	ck_assert_str_eq(out, told);
	free(out);
	free(command);
	config_unref(c);
	free(want);
	tidy = xasprintf("rm -r %s", dir);
	ck_assert_int_eq(system(tidy), 0);
	free(tidy);
	free(bin);
	free(deployed);
}
END_TEST

static const struct {
	unsigned young, all, max;
	bool may;
} turns[] = {
	{ 0, 0, 8, true },
	{ 7, 7, 8, true },
	{ 8, 8, 8, false }, /* below MaxStartups 10 */
	{ 7, 57, 8, true }, /* those that hang hold up nobody */
	{ 0, 63, 8, true },
	{ 0, 64, 8, false }, /* each is a process */
	{ 0, 0, 1, true },
	{ 1, 1, 1, false },
	{ 99, 99, 100, true },
	{ 0, UINT32_MAX, 1000, false },
};

START_TEST(whose_turn_it_is)
{
	ck_assert(ssh_pace_may_begin(turns[_i].young, turns[_i].all, turns[_i].max) == turns[_i].may);
}
END_TEST

static const struct {
	unsigned failures;
	int64_t max_us;
} delays[] = {
	{ 0, SSH_PACE_LOST_US },
	{ 1, 200000 },
	{ 2, 400000 },
	{ 3, 800000 },
	{ 9, 51200000 },
	{ 10, 60000000 },
	{ 1000000, 60000000 },
	{ UINT32_MAX, 60000000 },
};

/* At least a half of it, at most all of it, and not always the same. */
START_TEST(how_long_to_wait)
{
	static const uint32_t random[] = { 0, 1, 511, 512, 1023, 1024, 77777777, UINT32_MAX };
	int64_t low = INT64_MAX, high = 0;

	for (size_t i = 0; i < ARRAY_LEN(random); i++) {
		int64_t us = ssh_pace_delay_us(delays[_i].failures, random[i]);

		low = us < low ? us : low;
		high = us > high ? us : high;
	}
	ck_assert_int_eq(low, delays[_i].max_us / 2);
	ck_assert_int_eq(high, delays[_i].max_us);
	for (size_t i = 0; i < ARRAY_LEN(random); i++) {
		ck_assert_int_ge(ssh_pace_turn_us(1, random[i]), 20000);
		ck_assert_int_le(ssh_pace_turn_us(1, random[i]), 41000);
		/* A thousand that ask are some thousand turns of the loop a second. */
		ck_assert_int_ge(ssh_pace_turn_us(1000, random[i]), 200000);
	}
}
END_TEST

#define EXIT(code) ((code) << 8)

static const struct {
	int status;
	bool greeted;
	const char *text, *words;
} ends[] = {
	{ EXIT(255), false, "Host key verification failed.\r\n", "ssh: Host key verification failed" },
	{ EXIT(255), false, "me@box2: Permission denied (publickey).\r\n", "ssh: me@box2: Permission denied (publickey)" },
	{ EXIT(255), false, "ssh: connect to host box2 port 22: Connection refused\r\n",
	    "ssh: connect to host box2 port 22: Connection refused" },
	{ EXIT(255), false, "Connection to 10.1.2.3 port 22 timed out\r\n", "ssh: Connection to 10.1.2.3 port 22 timed out" },
	{ EXIT(255), true, "Timeout, server box2 not responding.\r\n", "ssh: Timeout, server box2 not responding" },
	{ EXIT(255), true, "Connection to box2 closed.\r\n\r\n", "ssh: connection failed" },
	{ EXIT(255), false, "real reason\nWarning: Permanently added 'x' (ED25519) to the list of known hosts.\r\n"
	    "** WARNING: connection is not using a post-quantum key exchange algorithm.\n\ndebug1: Exit status -1\n",
	    "ssh: real reason" },
	{ EXIT(255), false, "", "ssh: connection failed" },
	{ EXIT(127), false, "sh: 1: exec: trapexit-agent: not found\n", "agent not found: run trapexit deploy box2" },
	{ EXIT(126), false, "sh: 1: exec: Permission denied\n", "agent cannot be executed: run trapexit deploy box2" },
	{ EXIT(127), true, "trapexit-agent: x\n", "trapexit-agent: x" },
	{ EXIT(1), false, "trapexit-agent: /run/trapexit: Permission denied\n", "trapexit-agent: /run/trapexit: Permission denied" },
	{ EXIT(1), false, "", "agent: ended with status 1" },
	{ EXIT(2), false, "Try 'trapexit-agent --help'.\n", "ssh: Try 'trapexit-agent --help'" },
	{ EXIT(0), true, "", "connection closed" },
	{ EXIT(0), false, "This account is currently not available.\n", "ssh: This account is currently not available" },
	{ EXIT(0), false, "", "ssh: no agent spoke" },
	{ 9, true, "whatever\n", "ssh: killed by signal 9" },
	{ SSH_STATUS_UNKNOWN, true, "", "connection closed" },
	{ SSH_STATUS_UNKNOWN, true, "ssh: gone\n", "ssh: gone" },
	/* What a host says is shown, and does nothing else. */
	{ EXIT(255), false, "\033]0;owned\007 \302\205 evil\t\n", "ssh: ?]0;owned? ?? evil" },
	{ EXIT(255), false, ".\n", "ssh: connection failed" },
};

START_TEST(what_it_means)
{
	char line[SSH_WORDS_SIZE], words[SSH_WORDS_SIZE];

	ssh_last_line(ends[_i].text, strlen(ends[_i].text), line, sizeof(line));
	ssh_words(ends[_i].status, ends[_i].greeted, line, "box2", words);
	ck_assert_str_eq(words, ends[_i].words);
}
END_TEST

START_TEST(long_complaints)
{
	char text[3000], line[SSH_WORDS_SIZE], words[SSH_WORDS_SIZE];

	memset(text, 'x', sizeof(text));
	ssh_last_line(text, sizeof(text), line, sizeof(line));
	ck_assert_uint_eq(strlen(line), SSH_WORDS_SIZE - 1);
	ssh_words(EXIT(255), false, line, "box2", words);
	ck_assert_uint_eq(strlen(words), SSH_WORDS_SIZE - 1);
	memset(text, '\n', sizeof(text));
	ssh_last_line(text, sizeof(text), line, sizeof(line));
	ck_assert_str_eq(line, "");
	ssh_last_line(text, 0, line, sizeof(line));
	ck_assert_str_eq(line, "");
	ssh_noise_words("\r\n Welcome\033[2J!", 15, words);
	ck_assert_str_eq(words, "something there prints at login, and no agent answers: \"Welcome?[2J!\"");
	memset(text, 'y', sizeof(text));
	ssh_noise_words(text, sizeof(text), words);
	ck_assert_ptr_nonnull(strstr(words, "yyy...\""));
}
END_TEST

/* The line is found wherever a login's noise ends, however it comes in pieces. */
START_TEST(preamble)
{
	char text[PREAMBLE_SIZE], other[PREAMBLE_SIZE], data[1024];
	size_t len = preamble_text(INSTALLATION, "box2", text), n;

	ck_assert_int_eq(text[0], '\n');
	n = (size_t)snprintf(data, sizeof(data), "Last login\nno end%s\x01\x02", text);
	for (size_t have = 0; have < n - 2; have++)
		ck_assert_uint_eq(preamble_find(data, have, text, len), 0);
	ck_assert_uint_eq(preamble_find(data, n, text, len), n - 2);
	/* What a shell echoes of our command is not it, nor is that of another node. */
	ck_assert_uint_ne(preamble_text(INSTALLATION, "box3", other), 0);
	ck_assert_uint_eq(preamble_find(data, n, other, len), 0);
}
END_TEST

START_TEST(frames)
{
	struct buf b = BUF_INIT(0);
	struct agent_msg m = { .type = AGENT_PONG, .u.pong = { 7, 30000 } };

	ck_assert_int_eq(agent_msg_encode(&b, &m, NULL), 0);
	for (size_t n = 0; n < b.len; n++)
		ck_assert_int_eq(frame_size(b.data, n), 0);
	ck_assert_int_eq(frame_size(b.data, b.len), (int)b.len);
	ck_assert_int_eq(frame_type(b.data, b.len), AGENT_PONG);
	ck_assert_int_eq(frame_size("\x00\x10\x00\x01", 4), -1); /* a byte more than may be */
	ck_assert_int_eq(frame_size("\xff\xff\xff\xff", 4), -1);
	ck_assert_int_eq(frame_size("\0\0\0\0", 4), 4);
	/* None of these has a type. */
	ck_assert_int_eq(frame_type("\0\0\0\0", 4), 0);
	ck_assert_int_eq(frame_type("\0\0\0\1\x91", 5), 0);
	ck_assert_int_eq(frame_type("\0\0\0\2\x91\xcc", 6), 0);
	ck_assert_int_eq(frame_type("\0\0\0\2\xdc\0", 6), 0);
	ck_assert_int_eq(frame_type("\0\0\0\2\xa1x", 6), 0);
	ck_assert_int_eq(frame_type("\0\0\0\4\xdc\0\x01\x01", 8), AGENT_HELLO);
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("ssh");
	TCase *t = tcase_create("ssh");

	tcase_add_test(t, arguments);
	tcase_add_loop_test(t, command_in_a_shell, 0, ARRAY_LEN(shells));
	tcase_add_loop_test(t, whose_turn_it_is, 0, ARRAY_LEN(turns));
	tcase_add_loop_test(t, how_long_to_wait, 0, ARRAY_LEN(delays));
	tcase_add_loop_test(t, what_it_means, 0, ARRAY_LEN(ends));
	tcase_add_test(t, long_complaints);
	tcase_add_test(t, preamble);
	tcase_add_test(t, frames);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
