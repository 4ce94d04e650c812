# What scripts/demo-failover shows: reads the events of `trapexit events --json --all --follow`, and between them lines
# of the demo itself ({"demo": "say", "text": …}, {"demo": "off", "node": …}, {"demo": "end"}).
#
#	jq -nrj --unbuffered --argjson live true --argjson color true --argjson rows 24 --argjson die_after 20 -f FILE
#
# live: a picture that is drawn again with each event; else a line for each thing that happens.

def esc(code): if $color then "\u001b[\(code)m" else "" end;
def bold: esc("1") + . + esc("0");
def dim: esc("2") + . + esc("0");
def green: esc("32") + . + esc("0");
def red: esc("31") + . + esc("0");
def yellow: esc("33") + . + esc("0");
def pad($n): . + (" " * ([$n - length, 0] | max) // "");
def clip($n): if length > $n then .[:$n - 1] + "~" else . end;
def clock: . / 1000 | strflocaltime("%H:%M:%S");

# {exit,1} as people say it.
def words: sub("^\\{exit,(?<n>[0-9]+)\\}$"; "exit \(.n)") | sub("^\\{signal,(?<s>[A-Z0-9]+)\\}$"; "\(.s)");

def told(t; line): .lines += [(t | clock) + "  " + line] | .lines |= .[-40:] | .new = true;

def later(t; from): if from == null then "" else ", \(t - from) ms later" end;

def on_exit(r):
    .children[r.child] as $c
    | .children[r.child].at = null
    | .children[r.child].ended = r.t
    | told(r.t;
        (r.child | pad(8))
        + if (r.reason | test("noconnection")) then "is given up on \(r.node): whatever it was, it has ended by now" | red
          elif ($c.fetches // 0) >= $die_after and (r.reason | test("exit")) then
            "dies on \(r.node) after \($c.fetches) fetches, as it was told" | yellow
          else "ends on \(r.node): \(r.reason | words)" | yellow end);

def on_started(r):
    .children[r.child] as $c
    | .children[r.child].at = $c.next
    | .children[r.child].fetches = 0
    | .children[r.child].lives += 1
    | .children[r.child].ended = null
    | told(r.t; (r.child | pad(8)) + ("runs on \($c.next)\(later(r.t; $c.ended))" | green));

def on_node(r):
    if r.event == "up" then
        .nodes[r.node] = "up" | told(r.t; (r.node | pad(8)) + ("is up" | green))
    elif r.event == "down" then
        (if .nodes[r.node] == "off" then . else .nodes[r.node] = "lost" end)
        | told(r.t; (r.node | pad(8)) + ("is out of reach; what runs there may go on until its lease is over" | red))
    else . end;

def on_price(r):
    .prices += 1
    | .children[r.child].fetches += 1
    | .children[r.child].price = (if r.data.amount then "\(r.data.amount) \(r.data.currency // "")" else r.data.status end);

def on_demo(e):
    if e.demo == "say" then .said = e.text | told(now * 1000 | floor; e.text | bold)
    elif e.demo == "off" then .nodes[e.node] = "off"
    else .nodes[e.node] = "starting" end;

def ours: .child != null and .child != "recorder" and .child != "events" and .child != "";

def step(e):
    .new = false
    | if e.demo then on_demo(e)
      elif e.record.type == "node" and e.record.node != "local" then on_node(e.record)
      elif (e.record | ours | not) then .
      elif e.record.type == "start" then .children[e.record.child].next = e.record.node
      elif e.record.type == "started" then on_started(e.record)
      elif e.record.type == "exit" then on_exit(e.record)
      elif e.record.type == "observation" then on_price(e.record)
      else . end;

def bar($n): [range(10) | if . < $n * 10 / $die_after then "#" else "." end] | join("");

# What one child is doing, beside the name of its host.
def doing:
    .key as $name | .value
    | "\($name | pad(8))life \(.lives | tostring | pad(3)) "
      + (if $name == "ebuyer" then "fetch \(.fetches | tostring | pad(2)) of \($die_after) [\(bar(.fetches))]"
         else "\(.fetches) prices" | pad(27) end)
      + "  \(.price // "")";

def host($name):
    .nodes[$name] as $state
    | [.children | to_entries[] | select(.value.at == $name and ($state == "up"))] as $here
    | [range([3, ($here | length)] | max)]
    | map(if . == 0 then ("  " + ($name | pad(7) | bold)
                + ({ up: ("up" | pad(13) | green), off: ("switched off" | pad(13) | red), lost: ("out of reach" | pad(13) | red),
                     starting: ("starting" | pad(13) | yellow) }[$state // "starting"]))
          else " " * 22 end
          + ($here[.] // null | if . == null then "" else doing | clip(79 - 22) end));

def nowhere:
    [.children | to_entries[] | select(.value.at == null) | .key]
    | if length == 0 then "" else "  " + ("waiting: " + join(", ") | red) end;

def picture:
    (["  " + ("trapexit: one supervisor, three hosts, nothing but ssh between them" | bold), ""]
        + host("box1") + host("box2") + host("box3")
        + [nowhere, "  \(.prices) prices so far", ""]) as $top
    | $top + (.lines[-([$rows - ($top | length) - 1, 3] | max):] | map("  " + .))
    | "\u001b[H" + (map(. + "\u001b[K\n") | join("")) + "\u001b[J";

def output:
    if $live then picture
    elif .new then "  " + .lines[-1] + "\n"
    else empty end;

label $out
| foreach inputs as $e ({ children: {}, nodes: {}, lines: [], prices: 0, new: false };
    if $e.demo == "end" then . else step($e) end;
    if $e.demo == "end" then break $out else output end)
