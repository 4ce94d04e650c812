# The figures at the end of scripts/demo-failover, from all events (one object a line).

def median: sort | if length == 0 then null else .[(length - 1) / 2 | floor] end;

# From an end to the next start of the same child; of those that were on the host that was switched off, from then on.
$off[0] as $off
| [inputs.record | select((.type == "exit" or .type == "started" or .type == "start") and .child != "recorder")]
| reduce .[] as $r ({ ended: {}, at: {}, moves: [], lost: [], until: null };
    if $r.type == "start" then .at[$r.child] = $r.node
    elif $r.type == "exit" then .ended[$r.child] = { t: $r.t, node: $r.node, lost: ($r.reason | test("noconnection")) }
    elif .ended[$r.child] == null then .
    else .ended[$r.child] as $e
        | (if $e.lost then .lost += [$r.child] | .until = $r.t else . end)
        | (if ($e.lost | not) and .at[$r.child] != $e.node then .moves += [$r.t - $e.t] else . end)
        | .ended[$r.child] = null
    end)
| "\(.moves | length) times a scraper died and its successor ran on another host, \(.moves | median // "?") ms later (median; at most \(.moves | max // "?"))",
  "\($off.node) was switched off: its scrapers (\(.lost | unique | join(", "))) ran elsewhere after \(if .until then (.until - $off.t) / 100 | floor / 10 else "?" end) s, its lease being \($lease)"
