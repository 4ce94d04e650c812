/* The store as a file: who may open it, old versions, files that are not ours. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "store/schema.h"
#include "store_fixture.h"
#include "unit.h"

START_TEST(test_urls)
{
	char *url = xasprintf("sqlite:%s", file);
	struct store *other = store_open(url, STORE_READ, &err);

	ck_assert_msg(other != NULL, "%s", err.msg);
	store_close(other);
	free(url);
	ck_assert_int_eq(store_check_url("/var/lib/a.db", &err), 0);
	ck_assert_int_eq(store_check_url("./sqlite:a", &err), 0);
	ck_assert_int_eq(store_check_url("postgresql://host/db", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no PostgreSQL store"));
	ck_assert_int_eq(store_check_url("mysql:x", &err), -1);
	ck_assert_int_eq(store_check_url("sqlite:", &err), -1);
	ck_assert_int_eq(store_check_url("", &err), -1);
	ck_assert_ptr_null(store_open("postgresql://host/db", STORE_WRITE, &err));
}
END_TEST

/* The log stays after a clean close, or who may not write here could not read. */
START_TEST(test_log_is_persistent)
{
	char *wal = xasprintf("%s-wal", file);
	struct stat st;

	put(observation("a", "w", 10, 1, 1000, "5"));
	store_close(store);
	store = NULL;
	ck_assert_int_eq(stat(wal, &st), 0);
	free(wal);
	ck_assert_int_eq(chmod(file, 0444), 0);
	store = store_open(file, STORE_READ, &err);
	ck_assert_msg(store != NULL, "%s", err.msg);
	ck_assert_uint_eq(counts().history, 1);
}
END_TEST

START_TEST(test_reading_sees_commits_only)
{
	struct store *writer = store, *reader = store_open(file, STORE_READ, &err);

	ck_assert_msg(reader != NULL, "%s", err.msg);
	begin();
	put_in(observation("a", "w", 10, 1, 1000, "5"));
	store = reader;
	ck_assert_uint_eq(counts().history, 0);
	store = writer;
	commit();
	store = reader;
	ck_assert_uint_eq(counts().history, 1);
	store_close(reader);
	store = writer;
}
END_TEST

static void
write_file(const char *text_of_it, size_t n)
{
	int fd;

	store_close(store);
	store = NULL;
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text_of_it, n), (ssize_t)n);
	close(fd);
}

static void
cannot_open(enum store_mode mode, const char *why)
{
	store = store_open(file, mode, &err);
	ck_assert_ptr_null(store);
	ck_assert_msg(strstr(err.msg, why) != NULL, "%s", err.msg);
	ck_assert(!store_error_passes(&err));
}

START_TEST(test_not_a_database)
{
	char junk[8192];

	memset(junk, 'x', sizeof(junk));
	write_file(junk, sizeof(junk));
	cannot_open(STORE_WRITE, "not a database");
	cannot_open(STORE_READ, "not a database");
}
END_TEST

START_TEST(test_missing)
{
	char *path = xasprintf("%s/none/s.db", dir);

	ck_assert_ptr_null(store_open(path, STORE_WRITE, &err));
	ck_assert_msg(strstr(err.msg, "No such file") != NULL, "%s", err.msg);
	ck_assert_ptr_null(store_open(path, STORE_READ, &err));
	ck_assert_int_eq(err.code, ENOENT);
	free(path);
}
END_TEST

static void
run_sql(const char *name, const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(name, &db), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Another program's database is not touched. */
START_TEST(test_foreign_database)
{
	write_file("", 0);
	cannot_open(STORE_READ, "empty");
	run_sql(file, "CREATE TABLE mine (a)");
	cannot_open(STORE_WRITE, "another program");
	run_sql(file, "PRAGMA user_version = 1");
	cannot_open(STORE_WRITE, "another program");
}
END_TEST

START_TEST(test_newer_store)
{
	run_sql(file, "PRAGMA user_version = 1000");
	store_close(store);
	cannot_open(STORE_WRITE, "version 1000");
	cannot_open(STORE_READ, "version 1000");
}
END_TEST

static int
count_page(const struct store_page *p, void *arg)
{
	ck_assert_str_eq(p->source, "webcam");
	++*(int *)arg;
	return 0;
}

/* A file of every version that was ever released opens, with what is in it. */
START_TEST(test_saved_version)
{
	static const char buf_size[65536] = { 0 };
	struct store_evidence e = { .child = text("suppliers/ebuyer"), .source = text("webcam"), .token = 1, .n = 1 };
	int n_pages = 0;
	char *saved = xasprintf("%s/tests/data/store-%d.db", getenv("top_srcdir") == NULL ? "." : getenv("top_srcdir"), _i);
	char *copy = xmalloc(sizeof(buf_size));
	int fd = open(saved, O_RDONLY);
	ssize_t n;

	ck_assert_msg(fd != -1, "%s", saved);
	n = read(fd, copy, sizeof(buf_size));
	close(fd);
	ck_assert(n > 0 && (size_t)n < sizeof(buf_size));
	write_file(copy, (size_t)n);
	free(copy);
	free(saved);
	store = store_open(file, STORE_WRITE, &err);
	ck_assert_msg(store != NULL, "%s", err.msg);
	ck_assert_uint_eq(counts().history, 4);
	ck_assert_uint_eq(counts().late, 1);
	ck_assert_uint_eq(counts().quarantine, 2);
	ck_assert_uint_eq(counts().largest_epoch, 1795350000);
	ck_assert_int_eq(store_position(store, INSTALLATION, &pos, &err), 1);
	ck_assert(pos.epoch == 1795350000 && pos.segment == 2 && pos.offset == 4096);
	offers_are(&(struct store_filter){ 0 },
	    "Webcam suppliers/ebuyer ok 23.50 GBP for-sale cheapest\nfeed feed ok 7 GBP for-sale cheapest\n");
	history_is(0, 0, "suppliers/ebuyer1795350600000 suppliers/ebuyer1795350300000 suppliers/ebuyer1795350000000L ");
	ck_assert_int_eq(put(observation("suppliers/ebuyer", "webcam", 1, 1, 1795350600000, "1")), STORE_PUT_QUARANTINED);
	/* What later versions have is there, too. */
	ck_assert_int_eq(put(observation("suppliers/ebuyer", "webcam", UINT64_MAX, 1, 1795350900000, "1")), STORE_PUT_HISTORY);
	begin();
	ck_assert_msg(store_put_evidence(store, &e, &err) == 0, "%s", err.msg);
	commit();
	ck_assert_int_eq(store_pages(store, "suppliers/ebuyer", "webcam", true, count_page, &n_pages, &err), 0);
	ck_assert_int_eq(n_pages, 1);
}
END_TEST

/* The mechanism of migrations, with steps of its own. */
static const char *const step_1[] = { "CREATE TABLE a (x)", "INSERT INTO a VALUES (1)" };
static const char *const step_2[] = { "ALTER TABLE a ADD COLUMN y", "UPDATE a SET y = x + 1" };
static const char *const step_bad[] = { "INSERT INTO a VALUES (5, 5)", "UPDATE nothing SET y = 1" };

static const struct schema_step good_steps[] = { { step_1, 2 }, { step_2, 2 } };
static const struct schema_step bad_steps[] = { { step_1, 2 }, { step_2, 2 }, { step_bad, 2 } };

static int
query(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int value;

	ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

START_TEST(test_migrations)
{
	sqlite3 *db;
	size_t version;

	write_file("", 0);
	ck_assert_int_eq(sqlite3_open(file, &db), SQLITE_OK);
	ck_assert_int_eq(schema_migrate(db, file, good_steps, 1, &err), 0);
	ck_assert_int_eq(schema_identify(db, file, &version, &err), 1);
	ck_assert_uint_eq(version, 1);
	/* a step that fails takes all steps of the run back */
	ck_assert_int_eq(schema_migrate(db, file, bad_steps, 3, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "to version 3"));
	ck_assert_int_eq(query(db, "PRAGMA user_version"), 1);
	ck_assert_int_eq(query(db, "SELECT count(*) FROM pragma_table_info('a')"), 1);
	/* on to 2, and once more, which does nothing */
	ck_assert_int_eq(schema_migrate(db, file, good_steps, 2, &err), 0);
	ck_assert_int_eq(schema_migrate(db, file, good_steps, 2, &err), 0);
	ck_assert_int_eq(query(db, "PRAGMA user_version"), 2);
	ck_assert_int_eq(query(db, "SELECT y FROM a"), 2);
	ck_assert_int_eq(query(db, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	/* back is no way */
	ck_assert_int_eq(schema_migrate(db, file, good_steps, 1, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "version 2"));
	sqlite3_close(db);
}
END_TEST

static Suite *
suite(void)
{
	const TTest *const tests[] = {
		test_urls, test_log_is_persistent, test_reading_sees_commits_only, test_not_a_database,
		test_missing, test_foreign_database, test_newer_store, test_migrations,
	};
	Suite *s = suite_create("store_file");
	TCase *t = tcase_create("store_file");

	tcase_add_checked_fixture(t, store_setup, store_teardown);
	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	tcase_add_loop_test(t, test_saved_version, 1, (int)schema_version + 1);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
