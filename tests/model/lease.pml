/*
 * One child, one host that may run it, one daemon, and everything that is elsewhere: at no time
 * two incarnations of the child, and one runs again soon after the last fault. The rules are those of
 * ARCHITECTURE.md, "Never two at once"; behind each transition stands the function that does it.
 *
 * Elsewhere is one place that is always up, starts at once and tells the truth. That is enough: two alive at once means that on
 * some host one lives of which the daemon believes that it does not. That host is the one here, and
 * how another host starts its own only makes this one's life harder when it takes no time.
 *
 * Between daemon and agent are two connections: the newest, and an older one of which the
 * agent may not know yet that it is over. A connection keeps the order of what it carries, each way; what
 * it carries is late as long as nature likes, and lost with it from any point on. Whoever is to be told
 * of its end is told when nature likes. Of more than one old connection each would be in the place of this one.
 *
 * Time is discrete: `tick` is one unit of the daemon's clock, everything else takes none. All times are
 * kept as what is left of them, so time has no end. The agent's clock advances by 1 with each
 * tick, but may stand still, or go twice as far, once in L + 1: what is L for it is up to L + DRIFT for the daemon.
 *
 * All is one process that does one step after another, in every order: a step is
 * what the code does without looking at anything new in between.
 *
 * Not bounded: starts, ends, moves, and faults of each kind; tokens are only MINE and OLDER (an order
 * to kill an OLDER may be for another one). Bounded, and why that is enough:
 *
 *  L 3, DRIFT 1, KILL 1: the smallest numbers with which the edge of the lease, that of the drift
 *      and that of the kill time are different ticks. lease_all_dead() has this shape with finer ticks.
 *  QUEUE messages on the way in a connection: more wait with who sends them.
 *  PINGS without an answer: each grants by itself, and the last one most.
 *
 * Left out: output and the store (record.pml); EXIT_ACK, by which an agent only forgets; STARTED (what was
 * ordered counts as running); the time between fork and exec (what is forked counts as running, as in lease_live_changed());
 * upgrades; changes of L; the local host, where a lost record is lost with the host. That pairs are compared
 * (is_larger()) is modelled, but no mutant: without it an old hello costs a connection and no more, as
 * orders follow a hello only when its answer was read. It stands against two daemons, which are not here.
 * Nor is a pong that overtakes a start: its grant ends before the daemon's wait does, whatever it revives.
 * A guard does its work in KILL: a host that is frozen as a whole, or whose guard and agent both fail, is outside
 * what a lease can do; there the store holds.
 */

#ifndef L
#define L 3
#endif
#define DRIFT 1 /* LEASE_DRIFT_PERMILLE, rounded up to a tick */
#define KILL 1	/* LEASE_KILL_US: a tick begins only when what has no lease is dead */
#ifndef SILENCE
#define SILENCE 3 /* silence_cb(): 0.8 L, rounded up */
#endif
#ifndef QUEUE
#define QUEUE 3
#endif
#ifndef PINGS
#define PINGS 1
#endif

/* Mutants: each is a place where the code could be wrong. */
#ifdef M_NO_DRIFT
#define ALL_DEAD (L + KILL)
#elif defined(M_NO_KILL_TIME)
#define ALL_DEAD (L + DRIFT)
#else
#define ALL_DEAD (L + DRIFT + KILL) /* lease_all_dead() */
#endif

#define NEW 0
#define OLD 1
#define NONE 2
/* Tokens: only whether they are the same is ever asked here. */
#define MINE 1	/* the newest, as the daemon has it */
#define OLDER 2 /* any before it */
/* `at` */
#define HERE 1
#define ELSEWHERE 2

/* To the agent (wire/agent_msg.h). */
#define HELLO 1
#define PONG 2
#define START 3
#define SIGNAL 4 /* SIGKILL */
/* To the daemon. WELCOME, CHILD and READY_FOR_ORDERS come together: tell_all(). */
#define WELCOME 5
#define PING 6
#define START_FAILED 7
#define EXITED 8
#define CLEAN 9 /* AGENT_CLEAN, from the --attach end */

chan down[2] = [QUEUE] of { byte, byte };
chan up = [QUEUE] of { byte, byte };

/* The daemon (struct node, struct incarnation). */
#define NODE_DOWN 0
#define NODE_GREETING 1
#define NODE_SORTING 2
#define NODE_UP 3
byte state;	/* node->state */
byte fd;	/* the connection that the daemon has: NEW or NONE */
byte until;	/* grantor.until, as ticks from now */
byte silent; /* ticks since node_expect_ping() */
bool due;	/* node_connect(): once a tick */
bool rested;	/* a start that was refused is tried again after a tick */

#define INC_NONE 0
#define INC_QUEUED 1 /* the record is written */
#define INC_SAFE 2   /* and fsynced: is_due() */
#define INC_SENT 3   /* or LIVE: may run */
byte inc, at; /* state and node of the newest incarnation */
bool stopping;
#ifdef POWER
byte kept_at; /* where it runs, as the journal says after a power cut; 0: nowhere */
#endif

/* The host. */
#define AGENT_NONE 0   /* the lock is free */
#define AGENT_UP 1
#define AGENT_FROZEN 2
#define AGENT_DEAD 3   /* the guard cleans up */
#define AGENT_LEAVES 4 /* its guard has died */
byte agent;
byte conn;	 /* a->conn */
byte orphan;	 /* the connection whose agent has died; its --attach end waits for the guard's word */
bool took;	 /* this agent has seen the (epoch, attach) of the newest connection: is_larger() */
bool granted;
byte left;	 /* of the lease, by the agent's clock: page->deadline */
byte n_pings; /* without an answer */
byte age[2];	 /* of these, the oldest first */
bool ping_due;
byte steady;	 /* ticks since the clock went wrong */
byte queued;	 /* a->queue: ordered, not forked */
byte lives;
byte tell;	 /* an end that the daemon is to be told of */

bool calm;
byte waited; /* ticks, since all is calm */
bit beat;    /* changes with each of these */
#ifdef CALM
/* Nobody talks for ever in no time, and nothing stands still. (Needs pan -a.) */
ltl goes_on { [] (calm -> (<> beat && <> !beat)) }
#endif

/*
 * When things are done only matters where it is asked how soon all is well. Else they may be done at any time, and a
 * connection may be dropped at any time, so there is no need to count silence.
 */
#ifdef CALM
#define IS_COUNTED true
#define IS_DUE(what) (what)
#define SET(what, value) what = value
#else
#define IS_COUNTED false
#define IS_DUE(what) true
#define SET(what, value) skip
#endif
#define FAULT (!calm)

/* Connections. */

inline drain(q)
{
	do
	:: len(q) > 0 -> q?_,_
	:: else -> break
	od
}

/* conn_close() of the attached one. */
inline detach()
{
	drain(down[conn]);
	conn = NONE;
	n_pings = 0; age[0] = 0; age[1] = 0;
#ifndef M_QUEUE_KEPT
	queued = 0 /* launch_forget_queued() */
#endif
}

/* Whoever had the newest token has an older one now. */
inline age_in(q)
{
	i = len(q);
	do
	:: i > 0 ->
		i--;
		q?m,a;
		q!m,(a == MINE -> OLDER : a)
	:: else -> break
	od;
	m = 0; a = 0
}

inline age_tokens()
{
	lives = (lives == MINE -> OLDER : lives);
	queued = (queued == MINE -> OLDER : queued);
	tell = (tell == MINE -> 0 : tell);
	age_in(down[NEW]); age_in(down[OLD]); age_in(up)
}

/* What is not asked for any more is not kept: when the lease of a node is over on which the daemon has nothing. */
inline settle()
{
	until = (state == NODE_UP || (at == HERE && inc == INC_SENT) -> until : 0)
}

/* end_without_record(), give_up(), on_exited(): the tree may start it elsewhere. */
inline ended()
{
	inc = INC_NONE; at = 0; stopping = false;
	age_tokens();
	settle()
}

#define IS_IDLE(c) (conn != c && orphan != c && len(down[c]) == 0)

/* The newest connection is not the newest any more. */
inline shift()
{
	conn = (conn == NEW -> OLD : conn);
	do
	:: len(down[NEW]) > 0 -> down[NEW]?m,a; down[OLD]!m,a
	:: else -> break
	od;
	m = 0; a = 0
}

/* The daemon is not there any more: what comes is not read, and who waits for a word of it stops. */
inline let_go()
{
	drain(up);
	if
	:: orphan == NEW -> orphan = NONE; drain(down[NEW])
	:: else
	fi;
	fd = NONE; state = NODE_DOWN; SET(silent, 0);
	if
	:: !IS_IDLE(NEW) && IS_IDLE(OLD) -> shift(); took = false
	:: else
	fi
}

/* node_drop(): the agent may find out much later, and read what is still in the pipe. */
inline drop()
{
	let_go();
	if
	:: at == HERE && (inc == INC_QUEUED || inc == INC_SAFE) -> ended() /* refuse_queued() */
#ifdef M_START_BEFORE_WAIT
	:: at == HERE && inc == INC_SENT -> ended()
#endif
	:: else -> settle()
	fi
}

/* What the agent knew is gone. */
inline forget()
{
	queued = 0; tell = 0; granted = false;
	n_pings = 0; age[0] = 0; age[1] = 0;
	SET(ping_due, false); took = false
}

inline agent_die()
{
	/* By a connection that the daemon has dropped nobody hears the guard's word. */
	if
	:: conn != NONE && conn != fd -> drain(down[conn])
	:: conn == fd && conn != NONE -> orphan = conn
	:: conn == NONE
	fi;
	conn = NONE;
	forget();
	agent = AGENT_DEAD
}

/* A clock that nobody looks at. */
inline gone()
{
	agent = AGENT_NONE; left = 0; steady = L
}

/* The end of what runs; who hears of it is another matter. */
inline kill_it()
{
	tell = (lives == MINE -> MINE : tell);
	lives = 0
}

/* read_cb(): the far side has gone, and all is read that it said */
#define AT_END (conn != NEW && orphan != NEW && len(down[NEW]) == 0 && len(up) == 0)

/* What all this is for: the child runs, and the daemon knows it. */
#define IS_WELL (inc == INC_SENT && !stopping && (at == ELSEWHERE || (state == NODE_UP && lives == MINE)))
#ifndef BOUND
#define BOUND (L + DRIFT + KILL + 2)
#endif

/* Time. */

inline clock()
{
	if
	:: agent == AGENT_NONE
	:: agent != AGENT_NONE && steady < L ->
		steady++; advance(1)
	:: agent != AGENT_NONE && steady == L -> advance(1)
	:: agent != AGENT_NONE && steady == L -> steady = 0
	:: agent != AGENT_NONE && steady == L -> steady = 0; advance(2)
	fi;
	if
	:: until > 0 -> until--
	:: else
	fi;
	if
	:: IS_COUNTED && fd != NONE && silent < SILENCE -> silent++
	:: else
	fi;
	SET(due, true);
	SET(rested, true);
	SET(ping_due, (agent == AGENT_UP || agent == AGENT_FROZEN))
}

inline advance(by)
{
	left = (left > by -> left - by : 0);
	if
	:: n_pings > 0 -> age[0] = (age[0] + by > L -> L : age[0] + by)
	:: else
	fi;
	if
	:: n_pings > 1 -> age[1] = (age[1] + by > L -> L : age[1] + by)
	:: else
	fi
}

/* Within KILL whatever has no lease is dead: by the agent, or else by its guard. */
#ifdef M_GUARD_SLEEPS
#define IN_TIME (!(lives != 0 && left == 0 && agent == AGENT_UP))
#else
#define IN_TIME (!(lives != 0 && left == 0))
#endif

inline tick()
{
	printf("-- tick\n");
	clock();
	if
	:: calm ->
		waited = (waited > BOUND -> waited : waited + 1);
		beat = !beat;
		assert(waited <= BOUND || IS_WELL)
	:: else
	fi
}

/* A host, its agent and guard, and what the daemon does with it. */

/* agent_send(): nobody may read it any more. */
inline say(m, a)
{
	if
	:: conn == fd -> up!m,a
	:: else
	fi
}

inline hello(c)
{
	if
	:: !took || c == NEW -> /* is_larger() */
		if
		:: conn != NONE && conn != c ->
#ifdef M_OLD_NOT_DROPPED
			skip
#else
			detach()
#endif
		:: else
		fi;
		if
		:: c == NEW -> took = true
		:: else
		fi;
		conn = c;
		n_pings = 0; age[0] = 0; age[1] = 0;
		tell = 0; /* WELCOME says it */
		say(WELCOME, lives);
		/* lease_attached() pings at once */
		say(PING, 0);
		n_pings = 1;
		SET(ping_due, false);
		printf("host: attached by connection %d; runs %d\n", c, lives)
	:: else ->
		drain(down[c]);
		printf("host: refuses connection %d\n", c)
	fi
}

/* lease_holder_pong(): k is answered by position, since a connection keeps the order and a new one forgets the old pings. */
inline pong()
{
	if
	:: n_pings == 0
	:: else ->
#ifdef M_LEASE_FROM_ANSWER
		left = L;
		granted = true;
#else
		if
		:: !granted || L - age[0] > left ->
			left = L - age[0];
			granted = true
		:: else
		fi;
#endif
		age[0] = age[1]; age[1] = 0;
		n_pings--;
		printf("host: pong, lease left %d\n", left)
	fi
}

inline signal(token)
{
	if
	/* child_kill(): CHILD_QUEUED; START_FAILED is as good as EXITED */
	:: queued == token -> queued = 0; tell = (token == MINE -> MINE : tell)
	:: queued != token && lives == token -> kill_it()
	:: token == OLDER /* that was another one */
	:: token == MINE && queued != token && lives != token
	fi
}

/* order_handle() */
inline agent_reads(c)
{
	down[c]?msg,arg;
	if
	:: msg == HELLO -> hello(c)
#ifdef M_OLD_NOT_DROPPED
	:: msg == START -> queued = arg; printf("host: start of %d from connection %d\n", arg, c)
	:: msg == SIGNAL -> signal(arg)
	:: msg == PONG && conn == c -> pong()
	:: msg == PONG && conn != c
#else
	:: msg != HELLO && conn != c /* not attached: -1; the --attach end waits for a hello */
	:: msg == PONG && conn == c -> pong()
	:: msg == START && conn == c -> queued = arg; printf("host: start of %d\n", arg)
	:: msg == SIGNAL && conn == c -> signal(arg); printf("host: kill of %d\n", arg)
#endif
	fi
}

/* launch_try(): this is where two would be alive. */
inline launch()
{
	if
#ifdef M_NO_LEASE
	:: true ->
#else
	:: granted && left > 0 -> /* lease_is_valid() */
#endif
		printf("host: %d runs (elsewhere: %d)\n", queued, at == ELSEWHERE);
		assert(lives == 0 && !(at == ELSEWHERE && inc == INC_SENT));
		lives = queued
#ifndef M_NO_LEASE
	:: else ->
		say(START_FAILED, queued);
		printf("host: no lease, %d is not started\n", queued)
#endif
	fi;
	queued = 0
}

/* on_ping(): lease_grantor_answer() */
inline on_ping()
{
	until = ALL_DEAD;
	SET(silent, 0);
	down[fd]!PONG,0;
	if
	:: state == NODE_SORTING -> state = NODE_UP; printf("daemon: the node is up\n")
	:: else
	fi
}

/* on_welcome(), on_child(), sort_incarnations(); what lives and is not wanted is killed: stop_orphans(), end_late(), end_again() */
inline on_welcome(named)
{
	state = NODE_SORTING;
	if
#ifndef M_ABSENT_LIVES
	:: at == HERE && inc == INC_SENT && named != MINE -> ended(); printf("daemon: not named, so it has ended\n")
#endif
	:: else
	fi;
	if
#ifdef M_KILL_FORGOTTEN
	:: named != 0 && (named != MINE || inc != INC_SENT) ->
#else
	:: named != 0 && (named != MINE || inc != INC_SENT || stopping) ->
#endif
	   down[fd]!SIGNAL,named
	:: else
	fi
}

/* node_is_clean(): proof, and then a hello in the same connection */
inline on_clean()
{
	state = NODE_GREETING;
	SET(silent, 0);
	if
	:: at == HERE && inc != INC_NONE -> ended()
	:: else -> settle()
	fi;
	took = false;
	drain(down[fd]); /* who wants the orders to the agent that is gone? */
	down[fd]!HELLO,0;
	printf("daemon: the guard of the node says that it is clean\n")
}

/* node_message() */
inline daemon_reads()
{
	up?msg,arg;
	if
	:: msg == WELCOME -> on_welcome(arg)
	:: msg == PING -> on_ping()
	:: msg == START_FAILED || msg == EXITED ->
#ifndef M_REFUSED_AT_ONCE
		SET(rested, (rested && msg == EXITED)); /* child_failed(): backoff_delay() */
#endif
		if
		:: arg == MINE && inc == INC_SENT -> ended(); printf("daemon: it has ended\n")
		:: else
		fi
	:: msg == CLEAN -> on_clean()
	fi;
	msg = 0; arg = 0
}

/* A daemon that begins: it knows the journal alone, and no ping. (choose_epoch(): its epoch is larger.) */
inline begin()
{
	printf("FAULT: the daemon dies\n");
	let_go();
	stopping = false;
	SET(due, true); SET(rested, true);
#ifdef M_NO_WAIT_AT_BEGIN
	ended();
#endif
	inc = (at == 0 -> INC_NONE : INC_SENT); /* recall_incarnation() */
	until = ALL_DEAD; /* lease_grantor_init() */
	settle()
}

active proctype world()
{
	byte msg, arg; /* what is read */
	byte i, m, a;  /* for a moment */

	fd = NONE; conn = NONE; orphan = NONE; SET(due, true); SET(rested, true); steady = L;

	do
	/* The daemon's side. */

	:: atomic { /* node_connect(), to a slot of which nothing is left */
		fd == NONE && IS_DUE(due) && (IS_IDLE(NEW) || IS_IDLE(OLD)) ->
		if
		:: !IS_IDLE(NEW) -> shift()
		:: else
		fi;
		fd = NEW;
		printf("daemon: connects\n");
		SET(due, false);
		took = false;
		state = NODE_GREETING;
		down[fd]!HELLO,0
	}
	:: atomic { /* an answer needs room, or what was read waits in node->outq */
		fd != NONE && len(up) > 0 && len(down[fd]) < QUEUE ->
		daemon_reads()
	}
	:: atomic { /* read_cb(): the end */
		fd != NONE && AT_END ->
		printf("daemon: the node closed the connection\n");
		drop()
	}
	:: atomic { /* silence_cb() */
		fd != NONE && silent >= SILENCE ->
		printf("daemon: the node is silent\n");
		drop()
	}
	:: atomic { /* over_cb(), give_up() */
		until == 0 && state != NODE_UP && at == HERE && inc == INC_SENT ->
		printf("daemon: the lease of the node is over\n");
		if
		:: fd != NONE -> drop()
		:: else
		fi;
		ended()
	}
	:: atomic { /* TREE_ACT_START: act_start() */
		inc == INC_NONE && state == NODE_UP && IS_DUE(rested) ->
		at = HERE; inc = INC_QUEUED; stopping = false;
		printf("daemon: it is to run here\n")
	}
#ifndef ALONE
	:: atomic { /* the same, on another node */
		inc == INC_NONE ->
		at = ELSEWHERE; inc = INC_QUEUED; stopping = false
	}
	:: atomic { /* node_flush_orders(), is_due(): that node starts it at once */
		inc == INC_SAFE && at == ELSEWHERE ->
		inc = INC_SENT;
		printf("daemon: it runs elsewhere (here: %d)\n", lives);
		assert(lives == 0)
	}
	:: atomic { /* it ends there, whatever for, and the daemon knows */
		!calm && inc == INC_SENT && at == ELSEWHERE ->
		printf("elsewhere: it has ended\n");
		ended()
	}
#endif
#ifdef M_NO_FSYNC
	:: atomic { inc == INC_QUEUED && at == HERE && state == NODE_UP && len(down[fd]) < QUEUE ->
#else
	:: atomic { /* node_flush_orders(), is_due() */
		inc == INC_SAFE && at == HERE && state == NODE_UP && len(down[fd]) < QUEUE ->
#endif
		down[fd]!START,MINE;
		inc = INC_SENT
	}
	:: atomic { /* move, takeover, stop: it ends here before it starts there (S117) */
		!calm && inc == INC_SENT && at == HERE && !stopping && state == NODE_UP && len(down[fd]) < QUEUE ->
		stopping = true;
		down[fd]!SIGNAL,MINE;
		printf("daemon: it is to leave the node\n")
	}

	/* The agent. */

	:: atomic { /* place_take(), agent_main(): whoever attaches starts one; it answers when it owns the lock */
#ifdef M_NO_LOCK
		(agent == AGENT_NONE || agent == AGENT_DEAD) &&
#else
		agent == AGENT_NONE &&
#endif
		(down[0]?[HELLO,_] || down[1]?[HELLO,_]) ->
		agent = AGENT_UP;
#ifdef M_NO_LOCK
		if
		:: lives == 0 -> left = L
		:: else
		fi;
#else
		left = (IS_COUNTED -> L : 0); /* hold: permits nothing */
#endif
		steady = L;
		printf("host: an agent begins\n")
	}
	:: atomic {
		agent == AGENT_UP && len(down[NEW]) > 0 && (len(up) + 2 <= QUEUE) ->
		agent_reads(0); msg = 0; arg = 0
	}
	:: atomic {
		agent == AGENT_UP && len(down[1]) > 0 && (len(up) + 2 <= QUEUE) ->
		agent_reads(1); msg = 0; arg = 0
	}
	:: atomic { /* ping_cb(), every L/3 */
		agent == AGENT_UP && conn != NONE && IS_DUE(ping_due) && n_pings < PINGS && len(up) < QUEUE ->
		say(PING, 0);
		n_pings++;
		SET(ping_due, false)
	}
	:: atomic { /* starts_cb() */
		agent == AGENT_UP && queued != 0 && conn != NONE && len(up) < QUEUE ->
		launch()
	}
	:: atomic { /* child_tell_exit() */
		agent == AGENT_UP && tell != 0 && conn != NONE && len(up) < QUEUE ->
		say(EXITED, tell);
		tell = 0
	}
	:: atomic { /* conn_close(): the other side has closed; what is unread is lost */
		agent == AGENT_UP && conn != NONE && conn != fd ->
		printf("host: connection %d is gone\n", conn);
		detach()
	}
	:: atomic { /* deadline_cb(), expire() */
		agent == AGENT_UP && left == 0 && lives != 0 ->
		printf("host: the lease is over, the agent kills %d\n", lives);
		kill_it()
	}
	:: atomic { /* agent_leave(), after guard_cb() */
		agent == AGENT_LEAVES ->
		printf("host: the agent leaves, %d is dead\n", lives);
		lives = 0;
		gone()
	}

	/* The guard: guard_run(). */

#ifndef M_GUARD_SLEEPS
	:: atomic { /* AGENT_DEAF: the deadline has passed, and the agent has not acted */
		agent == AGENT_FROZEN && left == 0 ->
		printf("host: the guard kills the frozen agent\n");
		agent_die()
	}
#endif
#ifdef M_CLEAN_TOO_SOON
	:: atomic {
		agent == AGENT_DEAD && orphan != NONE && len(up) < QUEUE ->
		up!CLEAN,0; orphan = NONE
	}
#endif
	:: atomic { /* reap_all() */
		agent == AGENT_DEAD ->
		printf("host: the guard has cleaned up, %d is dead\n", lives);
		lives = 0;
		gone();
		if
		:: orphan != NONE && len(up) < QUEUE -> up!CLEAN,0
		:: orphan != NONE -> drain(down[orphan]) /* this connection ends instead */
		:: orphan == NONE
		fi;
		orphan = NONE
	}
#ifdef M_NO_LOCK
	:: atomic { /* the guard of the one before */
		agent != AGENT_DEAD && lives != 0 -> lives = 0
	}
#endif

	/* Connections that nobody reads any more. */

	:: atomic {
		len(down[NEW]) > 0 && fd != 0 && conn != 0 -> drain(down[0])
	}
	:: atomic {
		len(down[1]) > 0 && fd != 1 && conn != 1 -> drain(down[1])
	}

	/* Nature. */

	:: atomic { /* the link is cut, at any byte */
		FAULT && fd != NONE ->
		printf("FAULT: the connection is cut\n");
		drop()
	}
	:: atomic {
		FAULT && agent == AGENT_UP ->
		printf("FAULT: the agent of the host is killed\n");
		agent_die()
	}
	:: atomic {
		FAULT && agent == AGENT_UP ->
		printf("FAULT: the agent of the host freezes\n");
		agent = AGENT_FROZEN
	}
	:: atomic {
		!calm && agent == AGENT_FROZEN ->
		printf("host: the agent thaws\n");
		agent = AGENT_UP
	}
	:: atomic {
		FAULT && agent == AGENT_UP ->
		printf("FAULT: the guard of the host is killed\n");
		if
		:: conn != NONE -> detach()
		:: else
		fi;
		forget();
		agent = AGENT_LEAVES
	}
	:: atomic {
		FAULT && agent != AGENT_NONE ->
		printf("FAULT: the host boots\n");
		lives = 0; forget(); gone();
		conn = NONE; orphan = NONE;
		drain(down[0]); drain(down[1])
	}
	:: atomic {
		!calm && lives != 0 ->
		printf("host: %d ends\n", lives);
		kill_it()
	}

	/* The daemon as a whole. */

#ifdef POWER
	:: atomic { /* the disk thread */
		inc == INC_QUEUED || kept_at != at ->
		kept_at = at;
		inc = (inc == INC_QUEUED -> INC_SAFE : inc)
	}
	:: atomic { /* what was not fsynced is lost, too: of a start that was not ordered, or of an end */
		FAULT ->
		at = kept_at;
		begin()
	}
#else
	:: atomic {
		inc == INC_QUEUED -> inc = INC_SAFE
	}
#endif
	:: atomic { FAULT -> begin() }

	:: atomic { !calm && IN_TIME -> tick() }
#ifdef CALM
	:: atomic { !calm -> calm = true; printf("-- calm\n") }
	:: atomic { calm && timeout -> tick() }
#endif
	od
}
