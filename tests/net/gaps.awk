# Lays faults beside prices: "child source ms" of good observations on standard input, in order; the files of faults
# (faults.sh) and of the lock server. Prints a line a kind of fault: how many gaps it was in, their median, 95 % and maximum.
#
# A fault counts for a gap when it came within it (or just before, when the fetch was under way), or lasted into it, and was
# done to the child, to the host that it ran on, or to home, where the daemon is. A long gap is also one that begins while
# the lease that the fault has cost still runs. Gaps with more than one fault are "several".

function node_at(child, t,    i, node) {
	node = "-"
	for (i = 1; i <= n_runs[child] && run_at[child, i] <= t; i++)
		node = run_on[child, i] == "local" ? "home" : run_on[child, i]
	return node
}

function kind_of(child, from, to,    i, kind, node) {
	node = node_at(child, from)
	kind = "none"
	story = node
	for (i = 1; i <= n_faults; i++) {
		if (fault_end[i] + (to - from > 1500 ? 3500 : 300) < from || fault_at[i] > to)
			continue
		if (fault_child[i] != "-" ? fault_child[i] != child : fault_host[i] != node && fault_host[i] != "home")
			continue
		story = story sprintf(", %.2f %s %s", (fault_at[i] - from) / 1000, fault_kind[i], fault_host[i])
		kind = kind == "none" || kind == fault_kind[i] ? fault_kind[i] : "several"
	}
	return kind
}

# Of the n values v[kind, 1..n], sorted: the one below which p percent are.
function share(kind, n, p,    i) {
	i = int((n * p + 99) / 100)
	return v[kind, i < 1 ? 1 : i] / 1000
}

# Shell sort, for want of one in POSIX awk.
function sort_values(kind, n,    step, i, j, x) {
	for (step = int(n / 2); step > 0; step = int(step / 2))
		for (i = step + 1; i <= n; i++) {
			x = v[kind, i]
			for (j = i; j > step && v[kind, j - step] > x; j -= step)
				v[kind, j] = v[kind, j - step]
			v[kind, j] = x
		}
}

BEGIN {
	while ((getline line <locks) > 0) {
		split(line, w, " ")
		if (w[2] != "+")
			continue
		n_runs[w[3]]++
		run_at[w[3], n_runs[w[3]]] = w[1]
		run_on[w[3], n_runs[w[3]]] = w[5]
	}
	while ((getline line <faults) > 0) {
		split(line, w, " ")
		n_faults++
		fault_at[n_faults] = w[1]
		fault_end[n_faults] = w[1]
		if (match(line, / for [0-9]+ ms/))
			fault_end[n_faults] += substr(line, RSTART + 5, RLENGTH - 8)
		fault_kind[n_faults] = w[2]
		fault_host[n_faults] = w[3]
		fault_child[n_faults] = w[4]
	}
}

{
	key = $1 " " $2
	if (key in last) {
		kind = kind_of($1, last[key], $3)
		n[kind]++
		v[kind, n[kind]] = $3 - last[key]
		if ($3 - last[key] > longest[$1]) {
			longest[$1] = $3 - last[key]
			told[$1] = $2 " at " last[key] " on " story
		}
	}
	last[key] = $3
}

END {
	for (kind in n) {
		sort_values(kind, n[kind])
		printf "%6d %-14s median %6.2f  p95 %6.2f  max %6.2f\n", n[kind], kind, share(kind, n[kind], 50), share(kind, n[kind], 95),
		    v[kind, n[kind]] / 1000
	}
	for (child in longest)
		printf "longest of %s/%s: %.2f\n", child, told[child], longest[child] / 1000
}
