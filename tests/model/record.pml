/*
 * What a scraper has said, on its way to the store: nothing that was acknowledged is lost,
 * nothing counts twice. ARCHITECTURE.md, "Exactly once".
 *
 * Two incarnations of one scraper, each with an agent that keeps what it said until
 * it is acknowledged. The second takes over when the daemon takes the first for dead; it
 * begins at the slot that the journal has not (job_encode()), and the first may still say
 * what it has (it is late then). Record k of an incarnation is that of slot first + k.
 * The daemon appends, a disk thread fsyncs, the recorder reads what is fsynced.
 * Links are cut, agents die, the daemon and the recorder die, the power of the daemon's host
 * fails: each at any moment and as often as it likes. No time, no lease: that is lease.pml.
 *
 * SLOTS 3, two incarnations: a slot can be said twice, before and after one
 * that is said once; a third incarnation would be to the second what that is to the first.
 */
#ifndef SLOTS
#define SLOTS 3
#endif
#define JOURNAL (2 * SLOTS)

byte first[2];	  /* slot of record 0 */
bool began[2], alive[2];
byte made[2];	  /* records said; the agent has those from acked on (struct stream) */
byte acked[2];
byte sent[2];	  /* stream->sent */
bool attached[2];
byte received[2]; /* out_stream->received: output_take() */

byte who[JOURNAL], k_of[JOURNAL]; /* the journal */
byte length, safe;
byte safe_of[2];  /* out_stream->safe: output_progress() */
byte recorded;	  /* position in the store, struct store_position */
byte reading;	  /* of the recorder: ahead of it only in a mutant */

byte slot_of[SLOTS];	/* history: 1 + the incarnation, 0: free (observation_slot) */
byte counted[SLOTS];	/* how often the slot counts */
byte stored[JOURNAL];	/* how often record [incarnation * SLOTS + k] is there, in history or quarantine */
bool calm;

byte i, n;

/* Whether record k of incarnation w is in the journal before `upto`. */
inline find(w, k, upto, found)
{
	found = false;
	i = 0;
	do
	:: i < upto -> found = (found || (who[i] == w && k_of[i] == k)); i++
	:: else -> break
	od;
	i = 0
}

/* What an agent has forgotten is in the part of the journal that nothing can take back. */
inline look()
{
	n = 0;
	do
	:: n < 2 * SLOTS ->
		if
		:: n % SLOTS < acked[n / SLOTS] -> find(n / SLOTS, n % SLOTS, safe, found); assert(found)
		:: else
		fi;
		assert(stored[n] <= 1);
		n++
	:: else -> break
	od;
	n = 0; found = false
}

/* A daemon that begins folds the journal (past_fold.c): received is what is there. */
inline fold()
{
	received[0] = 0; received[1] = 0;
	i = 0;
	do
	:: i < length -> received[who[i]]++; i++
	:: else -> break
	od;
	i = 0;
	attached[0] = false; attached[1] = false
}

/* sqlite_put(): insert(), is_this(), refuse(). */
inline put(w, k)
{
#ifdef M_NO_SLOT
	counted[first[w] + k]++; stored[w * SLOTS + k]++;
#else
	if
	:: slot_of[first[w] + k] == 0 ->
		slot_of[first[w] + k] = w + 1; counted[first[w] + k]++; stored[w * SLOTS + k]++;
		printf("store: slot %d of %d is history\n", first[w] + k, w)
	:: slot_of[first[w] + k] == w + 1 -> skip /* STORE_PUT_AGAIN */
	:: slot_of[first[w] + k] != 0 && slot_of[first[w] + k] != w + 1 ->
#ifndef M_DROPS_SECOND
		stored[w * SLOTS + k]++;
#endif
		printf("store: slot %d of %d to quarantine\n", first[w] + k, w)
	fi;
#endif
	assert(counted[first[w] + k] <= 1)
}

proctype incarnation(byte w)
{
	bool found;

end:	do
	:: atomic { /* it says something: an observation, and the slot is done */
		!calm && began[w] && alive[w] && first[w] + made[w] < SLOTS ->
		made[w]++;
		printf("%d: says slot %d\n", w, first[w] + made[w] - 1)
	}
	:: atomic { /* tell_all(): stream_rewind() */
		began[w] && alive[w] && !attached[w] -> attached[w] = true; sent[w] = acked[w]
	}
	:: atomic { /* on_output(), output_take() */
		attached[w] && sent[w] < made[w] ->
		assert(sent[w] <= received[w]); /* else: bytes are missing, a protocol error */
		if
		:: sent[w] == received[w] ->
			who[length] = w; k_of[length] = sent[w]; length++; received[w]++;
			printf("daemon: appends record %d of %d\n", sent[w], w)
		:: else
		fi;
		sent[w]++
	}
	:: atomic { /* output_acknowledge(): what is safe; the agent drops it (stream_ack()) */
#ifdef M_ACK_BEFORE_FSYNC
		attached[w] && acked[w] < received[w] ->
#else
		attached[w] && acked[w] < safe_of[w] ->
#endif
		acked[w]++;
		sent[w] = (sent[w] < acked[w] -> acked[w] : sent[w]);
		printf("agent of %d: forgets record %d\n", w, acked[w] - 1);
		look()
	}
	:: atomic { !calm && attached[w] -> attached[w] = false; printf("FAULT: link of %d is cut\n", w) }
	:: atomic { /* what it had not told was not reported */
		!calm && alive[w] && began[w] -> alive[w] = false; attached[w] = false; made[w] = received[w];
		printf("FAULT: agent of %d dies\n", w)
	}
	od
}

init {
	bool found;

	atomic {
		alive[0] = true; alive[1] = true; began[0] = true;
		run incarnation(0);
		run incarnation(1)
	}
	do
	:: atomic { /* failover: act_start(), the job tells which slots the journal has; order_safely(): when they are safe */
#ifdef M_SUCCESSOR_EARLY
		!calm && !began[1] ->
#else
		!calm && !began[1] && received[0] == safe_of[0] ->
#endif
		began[1] = true; first[1] = received[0];
		printf("daemon: 1 begins at slot %d\n", first[1])
	}
	:: atomic { safe < length -> safe_of[who[safe]]++; safe++ } /* disk.c */
	:: atomic { !calm -> printf("FAULT: the daemon dies\n"); fold() }
	:: atomic {
		!calm -> printf("FAULT: the power fails\n");
		do
		:: length > safe -> length--; who[length] = 0; k_of[length] = 0
		:: else -> break
		od;
		fold();
		/* What only a dead agent had, and only memory, was not reported. */
		made[0] = (alive[0] -> made[0] : received[0]);
		made[1] = (alive[1] -> made[1] : received[1]);
		look()
	}
	/* The recorder: rows and position in one transaction (sqlite_commit()). */
#ifdef M_POSITION_FIRST
	:: atomic { reading == recorded && recorded < safe -> recorded++ }
	:: atomic { reading < recorded -> put(who[reading], k_of[reading]); reading++; look() }
	:: atomic { !calm && reading < recorded -> reading = recorded; printf("FAULT: the recorder dies\n") }
#elif defined(M_ROWS_FIRST)
	:: atomic { reading < safe -> put(who[reading], k_of[reading]); reading++; look() }
	:: atomic { recorded < reading -> recorded++ }
	:: atomic { !calm && reading > recorded -> reading = recorded; printf("FAULT: the recorder dies\n") }
#else
#ifdef M_READS_UNSYNCED
	:: atomic { recorded < length ->
#else
	:: atomic { recorded < safe ->
#endif
		put(who[recorded], k_of[recorded]); recorded++; reading = recorded; look()
	}
#endif
	:: atomic { !calm -> calm = true }
	/* When nothing is left to do, all that was reported is there, once. */
	:: atomic { calm && timeout ->
		n = 0;
		do
		:: n < 2 * SLOTS -> assert(stored[n] == (n % SLOTS < made[n / SLOTS] -> 1 : 0)); n++
		:: else -> break
		od;
		/* No successor believes more than the journal. */
		n = 0;
		do
		:: began[1] && n < first[1] -> assert(counted[n] == 1); n++
		:: else -> break
		od;
		break
	}
	od
}
